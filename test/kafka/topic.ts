import { randomBytes } from 'node:crypto'
import { Admin, Consumer, stringDeserializers } from '@platformatic/kafka'
import { until } from '../support/until.ts'

/** A record as a consumer gets it. */
export interface Received {
  partition: number
  offset: bigint
  key: string
  value: string
  headers: Record<string, string>
}

const clientOf = (brokers: string) => ({ clientId: 'test', bootstrapBrokers: [brokers] })

export async function withAdmin<T>(brokers: string, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = new Admin(clientOf(brokers))
  try {
    return await work(admin)
  } finally {
    await admin.close()
  }
}

/** Makes a topic with a name of its own. @param settings such as `max.message.bytes` */
export async function createTopic(
  brokers: string,
  partitions: number,
  settings: Record<string, string> = {},
): Promise<string> {
  const name = `events-${randomBytes(4).toString('hex')}`
  const configs = Object.entries(settings).map(([key, value]) => ({ name: key, value }))
  await withAdmin(brokers, async (admin) => {
    await admin.createTopics({ topics: [name], partitions, replicas: 1, configs })
    await until('the topic is listed', async () => (await admin.listTopics()).includes(name))
  })
  return name
}

/** How many records the partitions of a topic have. */
async function endsOf(brokers: string, topic: string): Promise<Map<number, bigint>> {
  return withAdmin(brokers, async (admin) => {
    const { topics } = await admin.metadata({ topics: [topic], forceUpdate: true })
    const count = topics.get(topic)?.partitionsCount ?? 0
    const partitions = Array.from({ length: count }, (_, partitionIndex) => ({ partitionIndex, timestamp: -1n }))
    const [listed] = await admin.listOffsets({ topics: [{ name: topic, partitions }] })
    return new Map(listed?.partitions.map(({ partitionIndex, offset }) => [partitionIndex, offset]))
  })
}

/** All records that a topic has now, those of a partition in their order. */
export async function readTopic(brokers: string, topic: string): Promise<Received[]> {
  let missing = [...(await endsOf(brokers, topic)).values()].reduce((sum, end) => sum + end, 0n)
  if (missing === 0n) return []
  const groupId = `test-${randomBytes(4).toString('hex')}`
  const consumer = new Consumer({ ...clientOf(brokers), groupId, deserializers: stringDeserializers })
  const received: Received[] = []
  const stream = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: false, maxWaitTime: 100 })
  for await (const { partition, offset, key, value, headers } of stream) {
    received.push({ partition, offset, key, value, headers: Object.fromEntries(headers) })
    missing -= 1n
    if (missing === 0n) break
  }
  await consumer.close(true)
  return received
}
