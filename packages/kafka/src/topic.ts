import type { Admin, ClusterTopicMetadata, ConfigDescription } from '@platformatic/kafka'
import { TrifoldError } from 'trifold/internal/errors'
import { type Brokers, brokerError, clientOptions, type KafkaClient } from './client.ts'

/** A topic as the brokers know it. */
export interface Topic {
  name: string
  /** Another one if the topic was deleted and made again. */
  id: string
  partitions: number
  /** The most bytes of a batch. */
  mostBytes: number
  /** Whether it has never had a record. */
  isEmpty: boolean
}

/** The time that asks for the end of a partition. */
const latest = -1n

/** Looks at a topic. @throws KAFKA_UNREACHABLE; TOPIC_UNFIT if there is none of the name */
export async function readTopic(kafka: KafkaClient, brokers: Brokers, name: string): Promise<Topic> {
  const admin = new kafka.Admin(clientOptions(brokers))
  try {
    // Asked for by its name, a topic that is missing is asked for again and again.
    if (!(await admin.listTopics({ includeInternals: true })).includes(name)) throw missing(name)
    const { topics } = await admin.metadata({ topics: [name], forceUpdate: true })
    const found = topics.get(name) as ClusterTopicMetadata
    const { id, partitionsCount: partitions } = found
    return {
      name,
      id,
      partitions,
      mostBytes: await readMostBytes(kafka, admin, name),
      isEmpty: await isEmpty(admin, name, partitions),
    }
  } catch (error) {
    throw brokerError(brokers, error)
  } finally {
    await admin.close().catch(() => {})
  }
}

async function readMostBytes(kafka: KafkaClient, admin: Admin, name: string): Promise<number> {
  const resourceType = kafka.ConfigResourceTypes.TOPIC
  const described: ConfigDescription[] = await admin.describeConfigs({
    resources: [{ resourceType, resourceName: name, configurationKeys: ['max.message.bytes'] }],
  })
  return Number(described[0]?.configs[0]?.value)
}

async function isEmpty(admin: Admin, name: string, count: number): Promise<boolean> {
  const partitions = Array.from({ length: count }, (_, partitionIndex) => ({ partitionIndex, timestamp: latest }))
  const [listed] = await admin.listOffsets({ topics: [{ name, partitions }] })
  return listed?.partitions.every(({ offset }) => offset === 0n) ?? false
}

const missing = (name: string): TrifoldError =>
  new TrifoldError(
    'TOPIC_UNFIT',
    `relay: there is no topic ${name}; create it with as many partitions as it will ever need: their number cannot change later`,
  )

/** The relay cannot go on without leaving something out. */
export const gapped = (topic: string, reason: string): TrifoldError =>
  new TrifoldError(
    'RELAY_GAP',
    `relay: the topic ${topic} cannot be continued without a gap: ${reason}; to go on with what comes now, run \`trifold relay ${topic} --forget\` and begin again with --into-existing`,
    { details: { topic } },
  )
