import { Producer, type SendOptions, stringSerializers } from '@platformatic/kafka'
import { type KafkaClient, loadClient } from '../packages/kafka/src/client.ts'
import { type RelayOptions, runRelay } from '../packages/kafka/src/relay.ts'
import { openPool } from '../src/database.ts'
import type { Observation } from '../src/observe.ts'
import type { Bench } from './bench.ts'
import type { BenchDatabase } from './database.ts'
import { type Figure, figureOf } from './figure.ts'
import { createOrders } from './orders.ts'
import { createTopic } from './relay/topic.ts'
import { appendBacklog } from './table-backlog/events.ts'

const bench = 'relay'
const partitions = 12

type Request = SendOptions<string, string, string, string>

/** How fast a backlog reaches a topic, against the same requests sent again with nothing else to do. */
export const relaying: Bench = {
  name: bench,
  title: `A backlog published to a topic of ${partitions} partitions`,
  kafka: true,
  async run({ kafkaBrokers, options, createDatabase, log }) {
    const brokers = kafkaBrokers as string
    const database = await createDatabase('bench_relay')
    await createOrders(database.pool, database.url)
    const rounds: Round[] = []
    // The first round warms the broker up, and is not counted.
    for (let round = 0; round <= options.rounds; round++) {
      const { requests, ...relayed } = await relay(database, brokers, options.events / 5)
      const measured = { ...relayed, alone: await sendAlone(brokers, requests) }
      log(described(measured))
      if (round > 0) rounds.push(measured)
    }
    return figuresOf(rounds)
  },
}

interface Round {
  events: number
  /** From the commit of the backlog to its last acknowledgement. */
  seconds: number
  /** That its requests take alone. */
  alone: number
  /** Seconds of CPU that Node.js used for it. */
  cpu: number
}

async function relay(
  { url, pool }: BenchDatabase,
  brokers: string,
  count: number,
): Promise<Omit<Round, 'alone'> & { requests: Request[] }> {
  const topic = await createTopic(brokers, partitions)
  const requests: Request[] = []
  const seen = new Seen()
  const options: RelayOptions = { topic, brokers: [brokers], observe: (one) => seen.add(one) }
  const ours = openPool(url, { name: 'bench', max: 2 })
  const relay = runRelay(url, ours, options, () => recording(requests))
  try {
    await Promise.race([seen.when(() => seen.isLeased), relay.ended])
    const events = await appendBacklog(pool, count)
    const [began, used] = [performance.now(), process.cpuUsage()]
    await Promise.race([seen.when(() => seen.events >= events), relay.ended])
    const { user, system } = process.cpuUsage(used)
    return { events, seconds: (performance.now() - began) / 1_000, cpu: (user + system) / 1e6, requests }
  } finally {
    await relay.stop()
    await ours.end()
  }
}

/** What a relay has said. */
class Seen {
  events = 0
  isLeased = false
  private look = () => {}

  add(observation: Observation): void {
    if (observation.kind === 'target.leased') this.isLeased = true
    if (observation.kind === 'page.applied') this.events += observation.events
    this.look()
  }

  when(fact: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.look = () => fact() && resolve()
      this.look()
    })
  }
}

/** The client, with a producer that notes its requests. */
async function recording(requests: Request[]): Promise<KafkaClient> {
  const client = await loadClient()
  class Recording extends client.Producer<string, string, string, string> {
    override send(request: Request): Promise<never> {
      requests.push(request)
      return super.send(request) as Promise<never>
    }
  }
  return { ...client, Producer: Recording as unknown as KafkaClient['Producer'] }
}

/** @returns the seconds that the requests take, one after the other, to another topic */
async function sendAlone(brokers: string, requests: readonly Request[]): Promise<number> {
  const topic = await createTopic(brokers, partitions)
  const producer = new Producer({
    clientId: 'bench',
    bootstrapBrokers: [brokers],
    idempotent: true,
    serializers: stringSerializers,
  })
  const again = requests.map(({ messages }) => ({ messages: messages.map((message) => ({ ...message, topic })) }))
  const began = performance.now()
  for (const request of again) await producer.send(request)
  const seconds = (performance.now() - began) / 1_000
  await producer.close()
  return seconds
}

const figuresOf = (rounds: readonly Round[]): Figure[] => [
  figureOf({
    bench,
    name: 'events published',
    unit: 'events/s',
    rounds: rounds.map(({ events, seconds }) => events / seconds),
    control: {
      name: 'the same requests alone',
      rounds: rounds.map(({ events, alone }) => events / alone),
    },
    goal: { of: 'value', atLeast: 50_000 },
  }),
  figureOf({
    bench,
    name: 'CPU of Node.js for 100,000 events',
    unit: 's',
    rounds: rounds.map(({ events, cpu }) => (cpu * 100_000) / events),
  }),
]

const described = ({ events, seconds, alone, cpu }: Round): string =>
  `${Math.round(events / seconds)} events/s, ${Math.round(events / alone)} alone; CPU ${cpu.toFixed(1)} s Node.js`
