import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Definition } from '../../src/definition.ts'
import { planFind, planSummarize } from '../../src/query/plan.ts'
import { addressOf } from '../../src/query/terms.ts'
import { createThingsTable, type Things } from './things.ts'

let things: Things
let definition: Definition

beforeAll(async () => {
  things = await createThingsTable([])
  definition = things.definition
})

afterAll(() => things?.close())

const refusal = (kind: 'find' | 'summarize', request: unknown): unknown => {
  try {
    kind === 'find' ? planFind({ definition }, request) : planSummarize({ definition }, request)
  } catch (error) {
    return error
  }
}

const takes = 'takes where, columns, text, highlight, sort, limit, cursor, hold, total, after, timeout, deadline'

test.each<[unknown, string]>([
  [{ wher: { id: 1 } }, `find does not take \`wher\`; did you mean \`where\`? It ${takes}`],
  [{ WHERE: { id: 1 } }, `find does not take \`WHERE\`; did you mean \`where\`? It ${takes}`],
  [{ filter: { id: 1 } }, `find does not take \`filter\`; did you mean \`where\`? It ${takes}`],
  [{ select: ['id'] }, `find does not take \`select\`; did you mean \`columns\`? It ${takes}`],
  [{ offset: 20 }, `find does not take \`offset\`; did you mean \`cursor\`? It ${takes}`],
  [{ colour: 'red' }, `find does not take \`colour\`; it ${takes}`],
  [{ where: { staus: 'new' } }, 'things has no column staus; did you mean `status`? Its columns are region,'],
  [{ where: { id: { gtt: 1 } } }, 'id (bigint) does not take `gtt`; did you mean `gt`? It takes eq, ne,'],
  [{ columns: ['id', 'statsu'] }, 'things has no column statsu; did you mean `status`? Its columns are region,'],
  [{ sort: '-statsu' }, 'things has no column statsu; did you mean `status`? Its columns are region,'],
])('%j is refused with what may have been meant: %s', (request, message) => {
  expect(refusal('find', request)).toMatchObject({
    code: 'QUERY_INVALID',
    message: expect.stringContaining(`query: ${message}`),
  })
})

test.each(['groupBy', 'avg', 'order', 'cursor', 'highlight', 'constructor', '__proto__'])(
  'a summary does not take `%s`',
  (name) => {
    const request = JSON.parse(`{ "${name}": "status" }`)
    expect(refusal('summarize', request)).toMatchObject({ code: 'QUERY_INVALID', details: { name } })
  },
)

const circular: { self?: unknown } = {}
circular.self = circular

describe('a value of another type is refused', () => {
  const values = {
    null: null,
    number: 5,
    NaN: Number.NaN,
    bigint: 5n,
    text: '-sum',
    list: [],
    nested: [['id']],
    date: new Date(),
    class: new URL('http://localhost'),
    map: new Map([['id', 1]]),
    function: () => 1,
    symbol: Symbol('id'),
    circular,
    proxy: new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no keys')
        },
      },
    ),
    getter: {
      get id() {
        return 1
      },
    },
    thrower: {
      toJSON() {
        throw new Error('no JSON')
      },
    },
  }
  const fits: Record<string, string[]> = {
    text: ['text'],
    limit: ['number'],
    sort: ['list'],
    timeout: ['number'],
    deadline: ['number'],
  }
  const terms = [
    'where',
    'columns',
    'text',
    'highlight',
    'sort',
    'limit',
    'cursor',
    'total',
    'after',
    'timeout',
    'deadline',
    'group',
    'sum',
    'aggregates',
    'having',
  ]
  for (const term of terms) {
    const kind = ['group', 'sum', 'aggregates', 'having'].includes(term) ? 'summarize' : 'find'
    test.each(Object.entries(values).filter(([name]) => !fits[term]?.includes(name)))(`${term}: %s`, (_, value) => {
      const code = expect.stringMatching(/^(QUERY|CURSOR|TOKEN)_INVALID$/)
      expect(refusal(kind, { [term]: value })).toMatchObject({ name: 'TrifoldError', code })
    })
  }
  test.each(Object.entries(values))('the request itself: %s', (name, value) => {
    for (const kind of ['find', 'summarize'] as const) {
      expect(refusal(kind, value), name).toMatchObject({ code: 'QUERY_INVALID' })
      expect(() => addressOf(kind, value), name).toThrow(expect.objectContaining({ code: 'QUERY_INVALID' }))
    }
  })
  test.each(Object.entries(values).filter(([name]) => name !== 'text'))('a value of text: %s', (name, value) => {
    if (value !== null)
      expect(refusal('find', { where: { name: value } }), name).toMatchObject({ code: 'QUERY_INVALID' })
    expect(refusal('find', { where: { name: { gt: value } } }), name).toMatchObject({ code: 'QUERY_INVALID' })
    expect(refusal('find', { where: { name: { in: [value] } } }), name).toMatchObject({ code: 'QUERY_INVALID' })
  })
})

test.each<[string, unknown]>([
  ['a lost condition', { where: undefined }],
  ['a lost value', { where: { id: undefined } }],
  ['a lost bound', { where: { id: { gte: 1, lt: undefined } } }],
  ['a lost value of a list', { where: { id: { in: [1, undefined] } } }],
  ['a hole in a list', { where: { id: { in: Array(2) } } }],
  ['a condition without a bound', { where: { id: {} } }],
  ['a condition under a symbol', { where: { [Symbol('id')]: 1 } }],
  ['a condition that is inherited', Object.create({ where: { id: 1 } })],
  ['more values than an index takes', { where: { id: { in: Array.from({ length: 65_537 }, (_, place) => place) } } }],
  ['a day that does not exist', { where: { day: '2026-02-31' } }],
  ['a leap day of no leap year', { where: { day: { gt: '1900-02-29' } } }],
  ['the year 0', { where: { day: '0000-01-01' } }],
  ['an hour that does not exist', { where: { changed_at: '2026-01-01T24:00:00Z' } }],
  ['an offset that does not exist', { where: { changed_at: '2026-01-01T00:00:00+99:00' } }],
  ['a number beyond single precision', { where: { weight: 1e300 } }],
  ['a number below single precision', { where: { weight: 1e-300 } }],
  ['a decimal of too many digits', { where: { rate: '9'.repeat(200_000) } }],
  ['half of a surrogate pair', { where: { name: 'a\ud83d' } }],
  ['a zero character', { where: { name: 'a\0' } }],
  ['no columns', { columns: [] }],
  ['a column that is chosen twice', { columns: ['id', 'status', 'id'] }],
  ['a column under a minus', { columns: ['-id'] }],
  ['a lost column', { columns: ['id', undefined] }],
  ['a hole among the columns', { columns: Array(2) }],
  ['all columns as a star', { columns: ['*'] }],
  ['a limit that is text', { limit: '10' }],
  ['a limit that is no whole number', { limit: 1.5 }],
  ['a limit beyond the largest', { limit: Number.MAX_VALUE }],
  ['a column that is sorted by twice', { sort: ['status', 'id', '-status'] }],
  ['a sort of nothing', { sort: '-' }],
  ['a sort by a lost column', { sort: ['status', undefined] }],
  ['a timeout beyond a day', { timeout: '25h' }],
  ['a timeout of nothing', { timeout: 0 }],
  ['a timeout in words', { timeout: 'soon' }],
  ['a text of too many words', { text: 'w '.repeat(101) }],
  ['a word that is too long', { text: 'a'.repeat(256) }],
  ['a text with half of a surrogate pair', { text: 'lamp \ud83d' }],
  ['a text of blanks', { text: ' \n' }],
  ['a part of `text` of another type', { text: { query: 'lamp', prefix: 1 } }],
  ['a part of `text` that is not known', { text: { query: 'lamp', fuzzy: true } }],
])('%s is refused', (_, request) => {
  expect(refusal('find', request)).toMatchObject({ code: 'QUERY_INVALID', message: expect.stringMatching(/^query: /) })
})

test.each([
  '',
  'x',
  '1.x',
  '-1.5',
  '1-.5',
  '1-x.5',
  '1-0f-0f.5',
  '1..2',
  '9999999999999999999.1',
  '1.99999999999999999999',
  '1.5 ',
])('the commit token "%s" is refused before it is waited for', (after) =>
  expect(refusal('find', { after })).toMatchObject({ code: 'TOKEN_INVALID' }),
)

test('what is left out, or undefined, has its default', () => {
  const plan = planFind(
    { definition },
    {
      sort: undefined,
      limit: undefined,
      cursor: undefined,
      after: undefined,
      columns: undefined,
    },
  )
  expect(plan).toEqual(planFind({ definition }))
  expect(plan).toMatchObject({ limit: 100, wait: undefined, after: undefined, highlight: false })
})

test('a request is read once: what changes later changes no plan', () => {
  const list = [1, 2]
  const request = { where: { id: { in: list } } }
  const plan = planFind({ definition }, request)
  list.push(3)
  expect(plan.conditions).toMatchObject([{ operator: 'in', values: [1, 2] }])
})

test('a target is one that can be read, by its name', () => {
  expect(addressOf('find', { from: 'view', limit: 5 })).toEqual({ from: 'view', asked: { limit: 5 } })
  expect(() => addressOf('find', { from: 'serach' })).toThrow(
    'query: `from` is "serach"; did you mean `search`? It takes table, view, search',
  )
  for (const from of [null, 5, 'constructor', 'memory'])
    expect(() => addressOf('find', { from })).toThrow(expect.objectContaining({ code: 'QUERY_INVALID' }))
})
