import { expect, test } from 'vitest'
import { requestsOf } from '../../packages/kafka/src/publish.ts'
import { sized, type TopicRecord } from '../../packages/kafka/src/records.ts'
import { randomOf } from './random.ts'

const recordsOf = (count: number, partitions: number, largest: number): TopicRecord[] => {
  const random = randomOf(count)
  return Array.from({ length: count }, (_, place) =>
    sized({
      key: String(place),
      value: 'x'.repeat(random(largest)),
      headers: {},
      partition: random(partitions),
    }),
  )
}

test.each([
  [500, 1, 1_000, 2_000],
  [500, 12, 1_000, 2_000],
  [300, 200, 900_000, 1_000_000],
])(
  'splits %i records of %i partitions into requests in their order, none with a batch or a whole that is too large',
  (count, partitions, largest, mostBytes) => {
    const records = recordsOf(count, partitions, largest)
    const requests = requestsOf(records, mostBytes)
    expect(requests.flat()).toEqual(records)
    for (const request of requests) {
      const sizes = new Map<number, number>()
      for (const record of request) sizes.set(record.partition, (sizes.get(record.partition) ?? 0) + record.bytes)
      expect(Math.max(...sizes.values())).toBeLessThanOrEqual(mostBytes)
      expect([...sizes.values()].reduce((sum, size) => sum + size)).toBeLessThanOrEqual(16_000_000)
    }
  },
)
