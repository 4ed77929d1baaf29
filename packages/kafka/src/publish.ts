import type { Producer } from '@platformatic/kafka'
import type { TopicRecord } from './records.ts'

/** Most bytes of one request, of all partitions: brokers take 100 MB by default. */
const mostRequestBytes = 16_000_000

/** What the frame of a batch takes. */
const batchFrame = 128

/** Whether a record fits into a batch alone. */
export const fits = (record: TopicRecord, mostBytes: number): boolean => record.bytes <= mostBytes - batchFrame

/**
 * Sends records in their order, one request after the other: each is acknowledged by all replicas before the next is sent. The
 * records of a partition stay in order, and no batch is larger than the topic takes.
 */
export async function publish(
  producer: Producer<string, string, string, string>,
  topic: { name: string; mostBytes: number },
  records: readonly TopicRecord[],
): Promise<void> {
  for (const request of requestsOf(records, topic.mostBytes - batchFrame)) {
    await producer.send({
      messages: request.map(({ key, value, headers, partition }) => ({
        topic: topic.name,
        key,
        value,
        headers,
        partition,
      })),
    })
  }
}

/** Parts of the records: each gives a partition one batch that is small enough, and is no larger than a request may be. */
export function requestsOf(records: readonly TopicRecord[], mostBytes: number): TopicRecord[][] {
  const requests: TopicRecord[][] = []
  let request: TopicRecord[] = []
  let total = 0
  let byPartition = new Map<number, number>()
  for (const record of records) {
    const size = record.bytes
    const inPartition = byPartition.get(record.partition) ?? 0
    const isFull = inPartition + size > mostBytes || total + size > mostRequestBytes
    if (request.length > 0 && isFull) {
      requests.push(request)
      request = []
      total = 0
      byPartition = new Map()
    }
    request.push(record)
    total += size
    byPartition.set(record.partition, (byPartition.get(record.partition) ?? 0) + size)
  }
  return request.length > 0 ? [...requests, request] : requests
}
