import type { Row } from '../encoding.ts'
import type { Comparer } from './comparer.ts'
import type { Extent } from './extent.ts'
import type { Findings } from './findings.ts'

/** Ranges of a sample: many small ones say more than a few large ones. */
const rangesOfSample = 10
const smallestRange = 10
const largestRange = 1_000

/** Where ranges begin, and how many rows each has. */
interface Places {
  starts: (Row | undefined)[]
  limit: number
}

/** The ranges of a sample, at random; the first of all rows is among those that can come. */
async function samplePlaces(comparer: Comparer, share: number, expected: number): Promise<Places> {
  const rows = Math.max(1, Math.ceil(expected * share))
  const limit = Math.min(largestRange, Math.max(smallestRange, Math.ceil(rows / rangesOfSample)))
  const count = Math.ceil(rows / limit)
  const starts: (Row | undefined)[] = await comparer.starts(count, expected)
  if (starts.length < 2) return { starts: [undefined], limit }
  return { starts: [undefined, ...starts.slice(1)], limit }
}

/** Where the ranges begin: one behind the other, or at random. */
export async function* placesOf(
  comparer: () => Promise<Comparer>,
  findings: Findings,
  expected: number,
  { share = 1, after, signal }: Extent,
): AsyncGenerator<[after: Row | undefined, limit: number]> {
  if (share < 1) {
    const { starts, limit } = await samplePlaces(await comparer(), share, expected)
    for (const start of starts) {
      signal?.throwIfAborted()
      yield [start, limit]
    }
    return
  }
  findings.upTo = after
  do {
    signal?.throwIfAborted()
    yield [findings.upTo, (await comparer()).limit]
  } while (findings.upTo !== undefined)
}
