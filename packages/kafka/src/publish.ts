import type { Producer } from '@platformatic/kafka'
import { bytesOf, type TopicRecord } from './records.ts'

/** Most records of one request. */
const mostRecords = 5_000

/** What the frame of a batch takes. */
const batchFrame = 128

/** Whether a record fits into a batch of its own. */
export const fits = (record: TopicRecord, mostBytes: number): boolean => bytesOf(record) <= mostBytes - batchFrame

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
    await producer.send({ messages: request.map((record) => ({ topic: topic.name, ...record })) })
  }
}

/** Parts of the records, each small enough for one batch a partition. */
export function requestsOf(records: readonly TopicRecord[], mostBytes: number): TopicRecord[][] {
  const requests: TopicRecord[][] = []
  let request: TopicRecord[] = []
  let bytes = new Map<number, number>()
  for (const record of records) {
    const size = bytesOf(record)
    const inPartition = (bytes.get(record.partition) ?? 0) + size
    if (request.length > 0 && (inPartition > mostBytes || request.length === mostRecords)) {
      requests.push(request)
      request = []
      bytes = new Map()
    }
    request.push(record)
    bytes.set(record.partition, (bytes.get(record.partition) ?? 0) + size)
  }
  return request.length > 0 ? [...requests, request] : requests
}
