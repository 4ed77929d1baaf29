import type pg from 'pg'
import { inTransaction } from 'trifold/internal/database'
import { TrifoldError } from 'trifold/internal/errors'
import { tick } from 'trifold/internal/feed/tick'
import { insertConsumer } from 'trifold/internal/schema/consumers'
import { type Generation, insertGeneration, markServing, servingGeneration } from 'trifold/internal/schema/generations'
import type { Window } from 'trifold/internal/schema/windows'
import { relayTarget } from 'trifold/internal/target'
import { contractVersion } from './records.ts'
import type { Topic } from './topic.ts'

/** What a relay remembers of its topic. */
interface Remembered {
  topicId: string
  partitions: number
  contract: number
}

/**
 * The registration of a relay; made if there is none yet: then it begins behind what is visible now. Its cursor, its lease and its
 * epoch are those of a consumer of the outbox, so that workers of any version keep what it has not read.
 *
 * @param options.intoExisting begins in a topic that has records already
 * @throws TOPIC_UNFIT if the topic is not what it was, or is not empty at the beginning
 */
export async function registered(
  client: pg.ClientBase,
  topic: Topic,
  { intoExisting }: { intoExisting: boolean },
): Promise<Generation> {
  const known = await servingGeneration(client, relayTarget(topic.name))
  if (known) {
    refuseChanged(topic, known.settings as unknown as Remembered)
    return known
  }
  if (!topic.isEmpty && !intoExisting)
    throw unfit(
      topic,
      'has records already, and no relay of this database wrote them; choose an empty one, or begin in it with --into-existing',
    )
  const { window } = await tick(client)
  await inTransaction(client, async () => {
    await client.query(`select pg_advisory_xact_lock(hashtextextended('trifold relay', 0))`)
    if (!(await servingGeneration(client, relayTarget(topic.name)))) await register(client, topic, window)
  })
  return registered(client, topic, { intoExisting })
}

async function register(client: pg.ClientBase, { name, id, partitions }: Topic, window: Window): Promise<void> {
  const remembered: Remembered = { topicId: id, partitions, contract: contractVersion }
  const generation = await insertGeneration(client, {
    target: relayTarget(name),
    number: 1,
    storage: `kafka:${name}`,
    reason: 'a relay began',
    definition: { version: 0, hash: '', sql: '' },
    columns: [],
    resolution: { catalog: '', relations: [], functions: [] },
    settings: { ...remembered },
  })
  await insertConsumer(client, generation.id, window, { epoch: 1, handlersVersion: 1 })
  await markServing(client, generation)
}

function refuseChanged(topic: Topic, { topicId, partitions, contract }: Remembered): void {
  const again = `\`trifold relay ${topic.name} --forget\`, then begin again`
  if (contract !== contractVersion) {
    throw unfit(
      topic,
      `was begun under contract ${contract}, this relay writes contract ${contractVersion}; use another topic`,
    )
  }
  if (topicId !== topic.id) {
    throw unfit(
      topic,
      `is another topic of the same name as the one that was written before; if that is meant, ${again}`,
    )
  }
  if (partitions !== topic.partitions) {
    throw unfit(
      topic,
      `has ${topic.partitions} partitions and had ${partitions}: keys would change theirs, and the order be lost; use another topic`,
    )
  }
}

const unfit = ({ name }: Topic, fault: string): TrifoldError =>
  new TrifoldError('TOPIC_UNFIT', `relay: the topic ${name} ${fault}`, { details: { topic: name } })
