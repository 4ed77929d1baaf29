import type pg from 'pg'
import { noEra } from '../../schema/consumers.ts'
import { inSeconds } from '../figures.ts'
import { readFacts, type TargetFacts } from './facts.ts'
import type { Judged } from './judge.ts'

/** How a relay is: what publishes the outbox to a topic. */
export interface RelayStatus extends Pick<Judged, 'verdict' | 'reason'> {
  /** The name under which it is registered: `<topic>@kafka`. */
  target: string
  topic: string
  /** Milliseconds since the append of the oldest event that is not published; 0 if all are. */
  lag: number | undefined
  /** Events that are not published. */
  eventsWaiting: number | undefined
  /** Who publishes now. */
  owner: string | undefined
  /** Events that the topic did not take. */
  parkedEvents: number
}

/** A lag from which on a relay is late, in milliseconds. */
const late = 60_000

/** The state of relays. @param targets their names */
export async function readRelays(pool: pg.Pool, targets: readonly string[]): Promise<RelayStatus[]> {
  if (targets.length === 0) return []
  const facts = await readFacts(
    pool,
    targets.map((target) => ({ target, showsApplied: true })),
  )
  return targets.map((target) => relayStatus(facts.get(target) as TargetFacts))
}

function relayStatus(facts: TargetFacts): RelayStatus {
  const { target, lag, eventsWaiting, consumer, parked } = facts
  const topic = target.slice(0, target.lastIndexOf('@'))
  const owner = consumer?.held ? consumer.owner : undefined
  return { target, topic, ...judgeRelay(topic, facts), lag, eventsWaiting, owner, parkedEvents: parked.events }
}

function judgeRelay(
  topic: string,
  { lag = 0, eventsWaiting = 0, consumer, trouble, parked }: TargetFacts,
): Pick<Judged, 'verdict' | 'reason'> {
  const isLate = lag > late
  if (!consumer || consumer.era === noEra) {
    const reason = `the outbox dropped events that were not published; \`trifold relay ${topic} --forget\`, and begin again with --into-existing`
    return { verdict: 'red', reason }
  }
  if (trouble) return { verdict: isLate ? 'red' : 'yellow', reason: trouble.message }
  if (!consumer.held) {
    const reason = `no relay runs, and ${eventsWaiting} events wait; start \`trifold relay ${topic}\`, or \`--forget\` it`
    return { verdict: eventsWaiting > 0 ? 'red' : 'yellow', reason }
  }
  if (isLate)
    return { verdict: 'yellow', reason: `it is ${inSeconds(lag)} behind, with ${eventsWaiting} events to publish` }
  if (parked.events > 0) {
    const reason = `the topic did not take ${parked.events} events: \`trifold parked list\``
    return { verdict: 'yellow', reason }
  }
  return { verdict: 'green', reason: eventsWaiting > 0 ? 'it publishes' : 'every event is published' }
}
