import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Row } from '../../src/encoding.ts'
import { planFind } from '../../src/query/plan.ts'
import { findStatement } from '../../src/query/relation/find.ts'
import { indexReader } from '../../src/query/search.ts'
import type { Reader } from '../../src/query.ts'
import { describeWithSearch } from '../support/search.ts'
import { ThingTargets } from './thing-targets.ts'

const long = 'lamp '.repeat(7_000)
const given: Row[] = [
  { id: 1, name: long, status: 'new', ratio: -0, weight: 0.5, extra: { b: 1 }, tags: ['a'] },
  { id: 2, name: 'lamp', status: 'paid', ratio: 1.5, weight: null, extra: null, tags: null },
  { id: 3, name: null, status: 'lamp', ratio: null, weight: 0.25, extra: { a: [] }, tags: [] },
]
const rows = given.map((row): Row => ({ region: 'north', changed_at: '2024-01-01T00:00:00.000000Z', ...row }))

describeWithSearch('Chosen columns', () => {
  let targets: ThingTargets
  let readers: Record<'table' | 'view' | 'search', Reader>

  beforeAll(async () => {
    targets = await ThingTargets.open(rows)
    readers = { table: targets.table, view: targets.view, search: targets.index }
  })

  afterAll(() => targets?.close())

  test.each(['table', 'view', 'search'] as const)('come alone and in their order from a %s', async (name) => {
    const { rows: found } = await readers[name].find({ columns: ['extra', 'name', 'ratio', 'tags'] })
    expect(found.map((row) => Object.keys(row))).toEqual(rows.map(() => ['extra', 'name', 'ratio', 'tags']))
    expect(found).toEqual(rows.map(({ extra, name, ratio, tags }) => ({ extra, name, ratio, tags })))
  })

  test('neither name the order nor the conditions, and every target goes on behind a page of another', async () => {
    const request = { columns: ['status'], where: { region: 'north' }, sort: '-weight', limit: 1 }
    const turns = ['table', 'search', 'view'] as const
    const found: Row[] = []
    let cursor: string | undefined
    for (const turn of turns) {
      const page = await readers[turn].find({ ...request, ...(cursor !== undefined && { cursor }) })
      found.push(...page.rows)
      cursor = page.cursor
    }
    expect(found).toEqual([{ status: 'new' }, { status: 'lamp' }, { status: 'paid' }])
    expect(cursor).toBeUndefined()
  })

  test('may be others on the next page', async () => {
    const first = await readers.search.find({ columns: ['id'], limit: 2 })
    const second = await readers.table.find({ columns: ['status'], limit: 2, cursor: first.cursor as string })
    expect([first.rows, second.rows]).toEqual([[{ id: 1 }, { id: 2 }], [{ status: 'lamp' }]])
  })

  test('are all that is read, beside the columns of the order', async () => {
    const plan = planFind(targets.things, { columns: ['status'], sort: 'day', where: { name: 'lamp' } })
    const statement = findStatement(targets.things.relation, plan).text
    expect(statement.split('\n')[0]).toBe('select "status", "day", "region", "id"')
    const asked: { _source?: unknown }[] = []
    const client = Object.create(targets.search.client, {
      search: {
        value: (params: { body: string }, options: object) => {
          asked.push(JSON.parse(params.body))
          return targets.search.client.search(params as never, options)
        },
      },
    })
    await indexReader(client, targets.source).find({ columns: ['name'], sort: 'day' })
    expect(asked).toMatchObject([{ _source: ['name', 'day', 'region', 'id', '_stored.name', '_stored.region'] }])
  })

  test('are the ones that show where words were found', async () => {
    const asked = { text: 'lamp', sort: 'id', highlight: true } as const
    const marked = [[{ text: 'lamp', match: true }]]
    const { highlights: all } = await readers.search.find(asked)
    expect(all?.slice(1)).toEqual([{ name: marked }, { status: marked }])
    const { rows: found, highlights } = await readers.search.find({ ...asked, columns: ['id', 'status'] })
    expect(found).toMatchObject([{ id: 1 }, { id: 2 }, { id: 3 }])
    expect(highlights).toEqual([{}, {}, { status: marked }])
    expect((await readers.search.find({ ...asked, columns: ['id'] })).highlights).toEqual([{}, {}, {}])
  })
})
