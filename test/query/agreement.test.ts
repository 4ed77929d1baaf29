import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Row } from '../../src/encoding.ts'
import type { Summarize } from '../../src/query/summary.ts'
import type { Find, Found, Reader } from '../../src/query.ts'
import { fewOrMany } from '../support/long.ts'
import { describeWithSearch } from '../support/search.ts'
import { randomThings } from './catalog.ts'
import { someFind } from './finds.ts'
import { expectedRows } from './oracle.ts'
import { comparable, expectAlike, expectedAs, someSummarize } from './summaries.ts'
import { expectedGroups } from './summary-oracle.ts'
import { ThingTargets } from './thing-targets.ts'

const seed = Number(process.env.TRIFOLD_TEST_SEED ?? Date.now() % 2 ** 31)

/** `TRIFOLD_TEST_ROUNDS` asks for as many as one has the time for. */
const asMany = (few: number, many: number) => {
  const numRuns = Number(process.env.TRIFOLD_TEST_ROUNDS ?? fewOrMany(few, many))
  return { seed, numRuns, endOnFailure: true }
}
const timeLimit = process.env.TRIFOLD_TEST_ROUNDS ? 3_600_000 : 240_000

/** Lines are compared much faster than objects, and fail as readably. */
const line = (row: Row): string => JSON.stringify(row)

/** Pages to the end, asked from the given sources in turn, each with the total of all if it was asked for. */
async function allPages(
  sources: ((request: Find) => Promise<Found>)[],
  request: Find,
  total: number,
): Promise<string[][]> {
  const pages: string[][] = []
  let cursor: string | undefined
  do {
    const find = sources[pages.length % sources.length] as (typeof sources)[number]
    const found = await find(cursor === undefined ? request : { ...request, cursor })
    pages.push(found.rows.map(line))
    expect(found.total).toBe(request.total ? total : undefined)
    cursor = found.cursor
    if (pages.length > 20) throw new Error('the pages do not end')
  } while (cursor !== undefined)
  return pages
}

describeWithSearch(`Table, view and index of three shards answer alike (seed ${seed})`, () => {
  const rows = randomThings(seed, 400)
  let targets: ThingTargets
  let table: Reader
  let view: Reader
  let index: Reader

  beforeAll(async () => {
    process.stderr.write(`test/query/agreement: TRIFOLD_TEST_SEED=${seed}\n`)
    targets = await ThingTargets.open(rows)
    table = targets.table
    view = targets.view
    index = targets.index
  })

  afterAll(() => targets?.close())

  const inTable = (request: Find) => table.find(request)
  const inView = (request: Find) => view.find(request)
  const inIndex = (request: Find) => index.find(request)

  test(
    'all find the rows that the request means, in its order, page by page, and continue the pages of each other',
    async () => {
      const check = async (request: Find) => {
        const expected = expectedRows(rows, request)
        const pagesOf = (...sources: (typeof inTable)[]) => allPages(sources, request, expected.length)
        const fromTable = await pagesOf(inTable)
        expect(fromTable.flat()).toEqual(expected.map(line))
        expect(await pagesOf(inIndex)).toEqual(fromTable)
        expect(await pagesOf(inView, inTable, inIndex)).toEqual(fromTable)
      }
      await fc.assert(fc.asyncProperty(someFind, check), asMany(25, 75))
    },
    timeLimit,
  )

  test(
    'all compute the same groups, and an answer that is not called approximate is exact',
    async () => {
      const check = async (request: Summarize) => {
        const expected = expectedGroups(rows, request)
        const fromTable = await table.summarize({ ...request, limit: 2_000 })
        const fromView = await view.summarize({ ...request, limit: 2_000 })
        const fromIndex = await index.summarize({ ...request, limit: 2_000 })
        expect(comparable(request, fromTable)).toEqual(expectedAs(request, expected))
        expect(fromTable).toMatchObject({ approximate: false, more: false })
        expect(fromView.groups).toEqual(fromTable.groups)
        expectAlike(request, fromIndex, fromTable, expected)
        const top = await index.summarize({ ...request, limit: 2 })
        if (!top.approximate) expect(top.groups).toEqual(fromTable.groups.slice(0, 2))
        if (!top.approximate) expect(top.more).toBe(expected.length > 2)
      }
      await fc.assert(fc.asyncProperty(someSummarize, check), asMany(40, 120))
    },
    timeLimit,
  )
})
