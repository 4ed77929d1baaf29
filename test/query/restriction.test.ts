import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Summarize } from '../../src/query/summary.ts'
import type { Find, Reader } from '../../src/query.ts'
import { fewOrMany } from '../support/long.ts'
import { describeWithSearch } from '../support/search.ts'
import { randomThings } from './catalog.ts'
import { someFind } from './finds.ts'
import { expectedRows, matching } from './oracle.ts'
import { expectRefused, hides, key, namesOf, namesOfSummary, type Restricted, restriction, seen } from './restricted.ts'
import { comparable, expectAlike, expectedAs, someSummarize } from './summaries.ts'
import { expectedGroups } from './summary-oracle.ts'
import { ThingTargets } from './thing-targets.ts'

const seed = Number(process.env.TRIFOLD_TEST_SEED ?? Date.now() % 2 ** 31)
const options = { seed, numRuns: fewOrMany(30, 100), endOnFailure: true }

describeWithSearch(`A reader that is restricted (seed ${seed})`, () => {
  const rows = randomThings(seed, 300)
  let targets: ThingTargets
  let table: Reader
  let index: Reader

  beforeAll(async () => {
    process.stderr.write(`test/query/restriction: TRIFOLD_TEST_SEED=${seed}\n`)
    targets = await ThingTargets.open(rows)
    table = targets.table
    index = targets.index
  })
  afterAll(() => targets?.close())

  it('finds as if there were no other rows and no other columns', async () => {
    const check = async (restricted: Restricted, request: Find) => {
      const readers = [table, index].map((reader) => reader.restricted(restricted))
      const hidden = hides(restricted, namesOf(request))
      for (const reader of readers) {
        if (hidden) {
          await expectRefused(reader.find(request), restricted, namesOf(request))
          continue
        }
        const expected = expectedRows(seen(rows, restricted), request)
        const found = await reader.find(request)
        expect(found.rows).toEqual(expected.slice(0, request.limit))
        expect(found.total).toBe(request.total ? expected.length : undefined)
        expect(found.cursor !== undefined).toBe(expected.length > (request.limit as number))
      }
    }
    await fc.assert(fc.asyncProperty(restriction, someFind, check), options)
  })

  it('summarizes as if there were no other rows and no other columns', async () => {
    const check = async (restricted: Restricted, asked: Summarize) => {
      const request = { ...asked, limit: 2_000 }
      const [ofTable, ofIndex] = [table.restricted(restricted), index.restricted(restricted)]
      if (hides(restricted, namesOfSummary(request))) {
        await expectRefused(ofTable.summarize(request), restricted, namesOfSummary(request))
        await expectRefused(ofIndex.summarize(request), restricted, namesOfSummary(request))
        return
      }
      const expected = expectedGroups(seen(rows, restricted), request)
      const fromTable = await ofTable.summarize(request)
      expect(comparable(request, fromTable)).toEqual(expectedAs(request, expected))
      expectAlike(request, await ofIndex.summarize(request), fromTable, expected)
    }
    await fc.assert(fc.asyncProperty(restriction, someSummarize, check), options)
  })

  it('is restricted further by another restriction, which cannot name what the first one hides', async () => {
    const first = table.restricted({ columns: [...key, 'status'], where: { region: 'north' } })
    const second = first.restricted({ where: { status: 'new' } })
    const both = matching(rows, { region: 'north', status: 'new' })
    expect((await second.find({ limit: 1_000 })).rows).toEqual(
      expectedRows(both, {}).map(({ region, id, status }) => ({ region, id, status })),
    )
    expect(() => first.restricted({ columns: [...key, 'name'] })).toThrow(/things has no column name/)
    expect(() => first.restricted({ where: { name: 'a' } })).toThrow(/things has no column name/)
  })

  it('refuses the cursor of a reader that sees other rows', async () => {
    for (const reader of [table, index]) {
      const north = reader.restricted({ where: { region: 'north' } })
      const south = reader.restricted({ where: { region: 'South' } })
      const { cursor } = await north.find({ limit: 1 })
      expect((await north.find({ limit: 1, cursor: cursor as string })).rows).toHaveLength(1)
      await expect(south.find({ limit: 1, cursor: cursor as string })).rejects.toThrow(/belongs to another query/)
      await expect(reader.find({ limit: 1, cursor: cursor as string })).rejects.toThrow(/belongs to another query/)
    }
  })

  it('finds no word of a hidden column, and shows none', async () => {
    const ofStatus = index.restricted({ columns: [...key, 'status'] })
    const asked = { text: { query: 'paid', typos: false }, limit: 1_000 }
    const { rows: found, highlights } = await ofStatus.find({ ...asked, highlight: true })
    expect(found.map(({ status }) => status)).toEqual(matching(rows, { status: 'paid' }).map(() => 'paid'))
    expect(new Set(highlights?.flatMap((one) => Object.keys(one)))).toEqual(new Set(['status']))
    const ofNone = index.restricted({ columns: key })
    await expect(ofNone.find(asked)).rejects.toMatchObject({ code: 'QUERY_UNSUPPORTED' })
  })

  describe('refuses a restriction that may have got lost', () => {
    it.each([
      ['nothing', undefined, /a restriction is undefined/],
      ['an empty one', {}, /restrict takes `columns`, `where` or both, and got neither/],
      ['a slip of the pen', { wher: { region: 'north' } }, /restrict does not take `wher`; did you mean `?where/],
      ['conditions that are undefined', { where: undefined }, /`where` of a restriction is undefined/],
      ['no condition', { where: {} }, /`where` of a restriction is empty/],
      ['a condition that is undefined', { where: { region: undefined } }, /region/],
      ['columns that are undefined', { columns: undefined }, /`columns` of a restriction is undefined/],
      ['no column', { columns: [] }, /`columns` takes a list of columns, not an empty one/],
      ['an unknown column', { columns: [...key, 'statuss'] }, /things has no column statuss/],
      ['a hidden key', { columns: ['region', 'name'] }, /cannot hide id, a column of the key/],
    ])('%s', (_, wrong, message) => {
      for (const reader of [table, index]) expect(() => reader.restricted(wrong)).toThrow(message)
    })
  })
})
