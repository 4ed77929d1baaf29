import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Row } from '../../src/encoding.ts'
import { type Find, relationReader, type Summarize } from '../../src/query.ts'
import { createThingsTable, type Things } from './things.ts'

const thing = (id: number, columns: Row = {}): Row => ({
  region: 'north',
  id,
  status: 'new',
  changed_at: '2024-01-01T00:00:00.000000Z',
  ...columns,
})

let things: Things

beforeAll(async () => {
  things = await createThingsTable([
    thing(1, { quantity: 2 ** 31 - 1, distance: Number.MAX_SAFE_INTEGER, rate: '0.5' }),
    thing(2, { quantity: 2 ** 31 - 1, distance: Number.MAX_SAFE_INTEGER, rate: '1', weight: 0.1 }),
    thing(3, { weight: 0.2, status: 'paid' }),
  ])
})

afterAll(() => things?.close())

const find = (request: Find) => relationReader(things.pool, things.relation).find(request)
const summarize = (request: Summarize) => relationReader(things.pool, things.relation).summarize(request)

const deep = (levels: number): object => (levels === 1 ? { id: 1 } : { not: deep(levels - 1) })
const wide = (count: number): object => ({ or: Array.from({ length: count }, (_, id) => ({ id })) })

const columns =
  'region, id, name, status, quantity, distance, total, rate, ratio, weight, active, day, seen, changed_at, reference, tags, extra'

test.each([
  [{ where: { colour: 'red' } }, `query: things has no column colour; its columns are ${columns}`],
  [{ sort: '-colour' }, `query: things has no column colour; its columns are ${columns}`],
  [
    { where: { status: { like: 'n%' } } },
    'query: status (text) does not take `like`; it takes eq, ne, gt, gte, lt, lte, in, exists, prefix',
  ],
  [{ where: { active: { gt: false } } }, 'query: active (boolean) does not take `gt`; it takes eq, ne, in, exists'],
  [{ where: { tags: ['a'] } }, 'query: tags (text[]) does not take `eq`; it takes has, exists'],
  [{ where: { tags: null } }, 'query: tags (text[]) does not take `eq`; it takes has, exists'],
  [{ where: { extra: { a: 1 } } }, 'query: extra (jsonb) does not take `a`; it takes exists'],
  [
    { where: { status: {} } },
    'query: the condition on status is empty; it takes eq, ne, gt, gte, lt, lte, in, exists, prefix',
  ],
  [
    { where: { status: undefined } },
    'query: `eq` of status is undefined; leave it out, or say null for rows without one',
  ],
  [
    { where: { quantity: { gt: null } } },
    'query: null cannot be compared with quantity; use exists: false or exists: true',
  ],
  [
    { where: { quantity: { in: [1, null] } } },
    'query: null cannot be compared with quantity; use exists: false or exists: true',
  ],
  [{ where: { quantity: { in: 1 } } }, 'query: `in` of quantity is not an array; give it a list of values'],
  [{ where: { quantity: 1.5 } }, 'query: the value for quantity does not fit: 1.5 is not a whole number (integer)'],
  [{ where: { changed_at: '2024-01-01' } }, /the value for changed_at does not fit: .* is not an instant/],
  [{ where: { tags: { has: 7 } } }, 'query: the value for tags does not fit: 7 is not text'],
  [{ where: { or: [] } }, 'query: `or` takes a list of conditions, each as in `where`, not an empty one'],
  [{ where: { and: { id: 1 } } }, 'query: `and` takes a list of conditions, each as in `where`, not an object'],
  [{ where: { or: [{ id: 1 }, {}] } }, 'query: a condition in `or` is empty; leave it out, or name a column'],
  [{ where: { not: {} } }, 'query: a condition in `not` is empty; leave it out, or name a column'],
  [{ where: { not: 'paid' } }, 'query: each condition in `not` takes a plain object, not "paid"'],
  [{ where: { or: [{ colour: 1 }] } }, `query: things has no column colour; its columns are ${columns}`],
  [{ where: deep(11) }, 'query: `where` joins conditions more than 10 levels deep; write it flatter'],
  [{ where: wide(101) }, 'query: `where` has more than 100 conditions; use `in` for many values of a column'],
  [{ where: { status: { exists: 'yes' } } }, 'query: `exists` of status takes true or false, not "yes"'],
  [{ where: { status: { prefix: 5 } } }, 'query: `prefix` of status takes text, not 5'],
  [{ where: { name: { prefix: 'x'.repeat(1_001) } } }, /`prefix` of name takes at most 1000 characters, not "x/],
  [{ where: { reference: { prefix: 'a' } } }, /reference \(uuid\) does not take `prefix`/],
  [{ sort: 'tags' }, /`sort` cannot use tags \(text\[\]\), which has no order; use one of region, id, name/],
  [{ sort: ['status', '-status'] }, 'query: `sort` names status twice; keep one of them'],
  [{ highlight: true }, 'query: `highlight` shows where `text` was found; give it a `text`, or leave it out'],
  [{ limit: 0 }, 'query: `limit` is 0; it takes a whole number from 1 to 10000'],
  [{ limit: 10_001 }, 'query: `limit` is 10001; it takes a whole number from 1 to 10000'],
])('the request %j is refused: %s', async (request, message) => {
  await expect(find(request as Find)).rejects.toMatchObject({
    code: 'QUERY_INVALID',
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  })
})

test.each([
  [
    { sum: 'status' },
    'query: `sum` cannot use status (text), which holds no numbers; use one of id, quantity, distance, total, rate, ratio, weight',
  ],
  [
    { group: 'status', sort: 'total' as never },
    'query: `sort` of a summary takes count, sum, group, or one of these behind a minus, not "total"',
  ],
  [
    { group: 'status', sort: '-sum' as const },
    'query: `sort` orders groups by their sum; give the summary a `sum`, or leave it out',
  ],
  [{ sort: '-count' as const }, 'query: `sort` orders groups; give the summary a `group`, or leave it out'],
  [
    { group: 'status', aggregates: { average: { avg: 'total' } }, sort: '-mean' as never },
    'query: `sort` of a summary takes count, sum, group, average, or one of these behind a minus, not "-mean"',
  ],
  [{ aggregates: {} }, 'query: `aggregates` takes 1 to 20 of them by name, not 0'],
  [{ aggregates: { count: { sum: 'total' } } }, /the aggregate "count" has a name that every group has/],
  [{ aggregates: { '-a': { sum: 'total' } } }, /the aggregate "-a" needs a name that does not begin with a minus/],
  [
    { aggregates: { a: { median: 'total' } as never } },
    'query: the aggregate "a" takes one of count, sum, avg, min, max, countDistinct, percentile with a column, not "median"',
  ],
  [{ aggregates: { a: { sum: 'total', avg: 'total' } as never } }, /"a" takes one of .*, not "sum", "avg"/],
  [{ aggregates: { a: { max: 'reference' } } }, /`max` cannot use reference \(uuid\), which has no largest value/],
  [{ aggregates: { a: { percentile: 'total' } as never } }, /"a" takes `at` from 0 to 1, such as 0\.5 for the median/],
  [{ aggregates: { a: { percentile: 'total', at: 50 } } }, /takes `at` from 0 to 1, .*, not 50/],
  [{ aggregates: { a: { sum: 'total', at: 0.5 } as never } }, /"a" takes `at` with `percentile` only/],
  [{ group: [] }, 'query: `group` takes a term or a list of 1 to 5, not a list of 0'],
  [{ group: ['status', 'status'] }, 'query: `group` names status twice; keep one of them'],
  [
    { group: { column: 'day', interval: 'second' as never } },
    'query: `group` takes as `interval` one of minute, hour, day, week, month, quarter, year, not "second"',
  ],
  [
    { group: { column: 'day', interval: 'hour' as never } },
    'query: `group` cannot divide day (date) into hours; take one of day, week, month, quarter, year',
  ],
  [
    { group: { column: 'status', interval: 'month' as const } },
    /`interval` cannot use status \(text\), which holds no days; use one of day, seen, changed_at/,
  ],
  [
    { group: { column: 'day', interval: 'month' as const, timeZone: 'Europe/Vienna' } },
    'query: `group` takes `timeZone` for instants, and day is a date',
  ],
  [
    { group: { column: 'changed_at', interval: 'month' as const, timeZone: '+02:00' } },
    'query: `group` does not know the time zone "+02:00"; write one such as "Europe/Vienna"',
  ],
  [
    { group: { column: 'day', interval: 'month', by: 1 } as never },
    'query: `group` has no "by"; it takes column, interval, timeZone, ranges, step',
  ],
  [
    { group: { column: 'total', ranges: [] } },
    'query: `ranges` takes a list of 1 to 100 numbers, such as [10, 50, 100], not one of 0',
  ],
  [
    { group: { column: 'total', ranges: Array.from({ length: 101 }, (_, at) => at) } },
    /`ranges` takes .*, not one of 101/,
  ],
  [{ group: { column: 'total', ranges: 10 as never } }, /`ranges` takes a list of 1 to 100 numbers, .*, not 10/],
  [{ group: { column: 'total', ranges: undefined as never } }, /`ranges` takes a list of .*, not undefined/],
  [
    { group: { column: 'total', ranges: [10, 50, 50] } },
    'query: `ranges` of total takes ascending numbers, and 50.00 comes behind 50.00',
  ],
  [{ group: { column: 'rate', ranges: ['1.5', '1.50'] } }, /`ranges` of rate takes ascending numbers, and 1.5 comes/],
  [{ group: { column: 'rate', ranges: ['10', '9'] } }, /ascending numbers, and 9 comes behind 10/],
  [{ group: { column: 'total', ranges: ['0.001'] } }, /the value for total does not fit: .* a number with 2 decimals/],
  [{ group: { column: 'quantity', ranges: [1.5] } }, /the value for quantity does not fit: 1.5 is not a whole number/],
  [{ group: { column: 'weight', ranges: [1e300] } }, /the value for weight does not fit: .* single precision/],
  [{ group: { column: 'total', ranges: [Number.NaN] } }, /the value for total does not fit/],
  [{ group: { column: 'total', ranges: [0, null as never] } }, /null cannot be compared with total/],
  [
    { group: { column: 'day', ranges: ['2024-01-01'] } },
    /`ranges` cannot use day \(date\), which holds no numbers; use one of id, quantity/,
  ],
  [
    { group: { column: 'total', ranges: [1], interval: 'day' } as never },
    'query: `group` takes `ranges` or a `step` of numbers, or an `interval` of days, and one of them only',
  ],
  [
    {
      group: [
        { column: 'total', ranges: [1] },
        { column: 'total', ranges: ['1.00'] },
      ],
    },
    'query: `group` names total twice; keep one of them',
  ],
  [{ having: { count: { gt: 1 } } }, 'query: `having` chooses groups; give the summary a `group`, or leave it out'],
  [{ group: 'status', having: { total: { gt: 1 } } as never }, 'query: `having` takes count, and no "total"'],
  [
    { group: 'status', having: { count: { ne: 1 } as never } },
    /`having` of "count" takes eq, gt, gte, lt, lte, and no "ne"/,
  ],
  [{ group: 'status', having: { count: { gt: 'many' } } }, /`having` of "count" takes numbers, not "many"/],
  [
    { group: 'status', aggregates: { first: { min: 'name' as const } }, having: { first: { gt: 1 } } },
    'query: `having` compares numbers, and "first" is the min of name (text); use `where`',
  ],
  [{ group: 'extra' }, /`group` cannot use extra \(jsonb\), which has no order/],
])('the summary %j is refused: %s', async (request, message) => {
  await expect(summarize(request)).rejects.toMatchObject({
    code: 'QUERY_INVALID',
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  })
})

test.each<Find>([{ text: 'lamp' }, { text: { query: 'lamp', typos: false } }, { text: 'lamp', highlight: true }])(
  'full text is refused with the target that has it: %j',
  async (request) => {
    await expect(find(request)).rejects.toMatchObject({
      code: 'QUERY_UNSUPPORTED',
      message: 'query: things@table has no full text; ask things@search',
      details: { alternatives: ['things@search'] },
    })
  },
)

test('a cursor continues only the query that it came from', async () => {
  const request: Find = { where: { region: 'north' }, sort: '-weight', limit: 1 }
  const { cursor } = await find(request)
  expect((await find({ ...request, limit: 2, cursor: cursor! })).rows.map(({ id }) => id)).toEqual([2, 1])
  const others: Find[] = [
    { ...request, sort: 'weight' },
    { ...request, sort: '-ratio' },
    { ...request, where: { region: 'south' } },
    { ...request, where: { region: { ne: 'north' } } },
  ]
  for (const other of others) {
    await expect(find({ ...other, cursor: cursor! })).rejects.toMatchObject({
      code: 'CURSOR_INVALID',
      message: expect.stringContaining('belongs to another query'),
    })
  }
})

const changed = (cursor: string, change: (content: { after: unknown[] }) => void): string => {
  const content = JSON.parse(Buffer.from(cursor, 'base64url').toString())
  change(content)
  return Buffer.from(JSON.stringify(content)).toString('base64url')
}

test('a cursor that was changed is refused, not sent to the database', async () => {
  const request: Find = { sort: 'weight', limit: 1 }
  const { cursor } = await find(request)
  const broken = [
    'x',
    '',
    Buffer.from('null').toString('base64url'),
    changed(cursor!, ({ after }) => after.pop()),
    changed(cursor!, ({ after }) => after.push(1)),
    changed(cursor!, ({ after }) => after.fill("1'; drop table things", 0, 1)),
    changed(cursor!, ({ after }) => after.fill(null, 1, 2)),
  ]
  for (const one of broken)
    await expect(find({ ...request, cursor: one })).rejects.toMatchObject({ code: 'CURSOR_INVALID' })
})

test('conditions in another order are the same query', async () => {
  const { cursor } = await find({ where: { region: 'north', status: { ne: 'gone', gte: 'a' } }, limit: 1 })
  const { rows } = await find({
    where: { status: { gte: 'a', ne: 'gone' }, region: 'north' },
    limit: 1,
    cursor: cursor!,
  })
  expect(rows).toMatchObject([{ id: 2 }])
})

test('joined conditions in another order are the same query, and other joins are another', async () => {
  const either = { or: [{ status: 'new' }, { not: { id: 1, status: 'paid' } }] }
  const { cursor } = await find({ where: either, limit: 1 })
  const turned = { or: [{ not: { status: 'paid', id: 1 } }, { status: 'new' }] }
  expect((await find({ where: turned, limit: 1, cursor: cursor! })).rows).toMatchObject([{ id: 2 }])
  for (const where of [{ and: either.or }, { or: [{ status: 'new' }, { id: 1, status: 'paid' }] }]) {
    await expect(find({ where, limit: 1, cursor: cursor! })).rejects.toMatchObject({ code: 'CURSOR_INVALID' })
  }
})

test('`not` finds the rows without a value too, and exactly those that its condition does not', async () => {
  const ids = async (where: Find['where']) => (await find({ where })).rows.map(({ id }) => id)
  expect(await ids({ rate: { gt: '0.6' } })).toEqual([2])
  expect(await ids({ not: { rate: { gt: '0.6' } } })).toEqual([1, 3])
  expect(await ids({ not: { not: { rate: { gt: '0.6' } } } })).toEqual([2])
  expect(await ids({ not: { rate: { in: ['0.5'] } }, rate: { exists: true } })).toEqual([2])
  expect(await ids({ extra: { exists: true } })).toEqual([])
})

test('the last page has no cursor, also where it is full', async () => {
  expect(await find({ limit: 3 })).toMatchObject({
    rows: [{ id: 1 }, { id: 2 }, { id: 3 }],
    cursor: undefined,
    target: 'things@table',
  })
  expect((await find({ limit: 2 })).cursor).toEqual(expect.any(String))
})

test('values are parameters, whatever they hold', async () => {
  const name = `'; drop table public.things; --"\\`
  await things.pool.query(`update things set name = $1 where id = 3`, [name])
  expect((await find({ where: { name } })).rows).toMatchObject([{ id: 3, name }])
  expect((await find({ where: { name: { in: [name, 'a,b', '{}'] } } })).rows).toHaveLength(1)
})

test('an element is found whatever array type a view has it in', async () => {
  await things.pool.query(`create view varied as select region, id, name, status, quantity, distance, total, rate, ratio,
    weight, active, day, seen, changed_at, reference, array['x', 'y']::varchar(5)[] as tags, extra from things`)
  const varied = relationReader(things.pool, { ...things.relation, relation: 'public.varied' })
  expect((await varied.find({ where: { tags: { has: 'y' } } })).rows).toHaveLength(3)
  expect((await varied.summarize({ where: { tags: { has: 'z' } } })).groups).toMatchObject([{ count: 0 }])
})

test('a page without a row has the total too', async () => {
  expect(await find({ where: { id: 99 }, total: true })).toMatchObject({ rows: [], total: 0 })
  const { cursor } = await find({ where: { id: { lt: 3 } }, limit: 1 })
  const client = await things.pool.connect()
  try {
    await client.query('begin')
    await client.query('delete from things where id = 2')
    const reader = relationReader(client, things.relation)
    const asked = { where: { id: { lt: 3 } }, limit: 1, total: true, ...(cursor && { cursor }) }
    expect(await reader.find(asked)).toMatchObject({ rows: [], total: 1 })
  } finally {
    await client.query('rollback')
    client.release()
  }
})

test('sums are exact or refused', async () => {
  expect((await summarize({ sum: 'quantity' })).groups).toEqual([{ group: null, count: 3, sum: 2 ** 32 - 2 }])
  expect((await summarize({ sum: 'rate' })).groups).toEqual([{ group: null, count: 3, sum: '1.5' }])
  expect((await summarize({ sum: 'weight' })).groups).toEqual([{ group: null, count: 3, sum: expect.closeTo(0.3, 6) }])
  expect((await summarize({ sum: 'total', where: { id: 99 } })).groups).toEqual([{ group: null, count: 0, sum: null }])
  await expect(summarize({ sum: 'distance' })).rejects.toMatchObject({ code: 'VALUE_INVALID' })
})

test('a row counts once in the group of each of its elements, and in that of null where it has none', async () => {
  await things.pool.query(`update things set tags = array['b', 'a', 'b', null] where id = 1`)
  await things.pool.query(`update things set tags = array['b'], rate = null where id = 2`)
  await things.pool.query(`update things set tags = array[null]::text[] where id = 3`)
  expect((await summarize({ group: 'tags', sum: 'rate' })).groups).toEqual([
    { group: 'b', count: 2, sum: '0.5' },
    { group: 'a', count: 1, sum: '0.5' },
    { group: null, count: 1, sum: null },
  ])
  expect((await summarize({ group: 'tags', where: { tags: { has: 'a' } }, limit: 1 })).groups).toMatchObject([
    { group: 'a', count: 1 },
  ])
})

test('groups come in the order that is asked for, those without a sum last', async () => {
  const order = async (request: Summarize) =>
    (await summarize({ group: 'id', sum: 'weight', ...request })).groups.map(({ group }) => group)
  expect(await order({ sort: '-sum' })).toEqual([3, 2, 1])
  expect(await order({ sort: 'sum' })).toEqual([2, 3, 1])
  expect(await order({ sort: '-sum', limit: 1 })).toEqual([3])
  expect(await order({ sort: '-group' })).toEqual([3, 2, 1])
  expect(await order({ sort: 'count' })).toEqual([1, 2, 3])
})

test('groups beyond the limit are cut, which the answer says', async () => {
  expect(await summarize({ group: 'status', limit: 1 })).toEqual({
    groups: [{ group: 'new', count: 2, sum: null }],
    more: true,
    approximate: false,
    target: 'things@table',
  })
})
