// Requests that are right, and what goes wrong with one part of them.

import fc from 'fast-check'
import { values } from './catalog.ts'

export type Kind = 'find' | 'summarize'

/** The names and places that lead to a part of a request: `['where', 'id', 'gte']`. */
export type Path = readonly string[]

/** A request with one part changed. */
export interface Mutation {
  kind: Kind
  /** What the part was taken from, without it: to see whether the part counts. */
  without: Record<string, unknown>
  request: unknown
  path: Path
  value: unknown
}

const columns = Object.keys(values).filter((name) => name !== 'id')
const column = fc.constantFrom(...columns)

const condition = column.chain((name) => {
  const value = fc.constantFrom(...(values[name] as unknown[]))
  const bounds = name === 'active' ? ['eq', 'ne'] : ['eq', 'ne', 'gt', 'gte', 'lt', 'lte']
  const asked = fc.oneof(
    value,
    fc.tuple(fc.constantFrom(...bounds), value).map(([operator, one]) => ({ [operator]: one })),
    fc.array(value, { minLength: 1, maxLength: 3 }).map((list) => ({ in: list })),
    fc.boolean().map((exists) => ({ exists })),
    ...(name === 'name' ? [fc.constantFrom('a', 'Z').map((prefix) => ({ prefix }))] : []),
  )
  return asked.map((one) => ({ [name]: one }))
})

const joined = fc.oneof(
  fc.array(condition, { minLength: 1, maxLength: 2 }).map((list) => ({ or: list })),
  fc.array(condition, { minLength: 1, maxLength: 2 }).map((list) => ({ and: list })),
  condition.map((one) => ({ not: one })),
)

const where = fc
  .array(fc.oneof({ weight: 3, arbitrary: condition }, { weight: 1, arbitrary: joined }), { maxLength: 3 })
  .map((list) => Object.assign({}, ...list))

const find = fc.record(
  {
    where,
    columns: fc.uniqueArray(fc.constantFrom('id', 'tags', ...columns), { minLength: 1, maxLength: 3 }),
    sort: fc.uniqueArray(column, { minLength: 1, maxLength: 2 }),
    limit: fc.integer({ min: 1, max: 50 }),
    timeout: fc.constantFrom('1s', 500),
    deadline: fc.constantFrom('30s', 40_000),
  },
  { requiredKeys: ['where'] },
)

const aggregate = fc.oneof(
  fc.record({ avg: fc.constantFrom('quantity', 'total') }),
  fc.record({ min: fc.constantFrom('name', 'day') }),
  fc.record({ percentile: fc.constant('ratio'), at: fc.constantFrom(0, 0.5) }),
)

const group = fc.oneof(
  fc.constantFrom('tags', ...columns.filter((name) => !['seen', 'changed_at'].includes(name))),
  fc.record({
    column: fc.constant('changed_at'),
    interval: fc.constantFrom('day', 'month'),
    timeZone: fc.constant('Asia/Tokyo'),
  }),
  fc.record({ column: fc.constantFrom('quantity', 'total'), ranges: fc.constantFrom([1], [-5, '0', 7]) }),
  fc.constant(['status', { column: 'day', interval: 'year' }]),
)

const summarize = fc.record(
  {
    where,
    group,
    sum: fc.constantFrom('quantity', 'total', 'rate', 'ratio'),
    aggregates: fc.dictionary(fc.constantFrom('one', 'two'), aggregate, { minKeys: 1, noNullPrototype: true }),
    having: fc.record({ count: fc.record({ gt: fc.constantFrom(1, '2.5') }) }),
    limit: fc.integer({ min: 1, max: 50 }),
    deadline: fc.constantFrom('30s', 40_000),
  },
  { requiredKeys: ['where', 'group'] },
)

/** Built anew for each use: some of them are objects. */
const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    undefined,
    '',
    ' ',
    '-',
    '--id',
    '-sum',
    '*',
    'null',
    '0',
    '1e309',
    '🙂',
    '\ud800',
    '\0',
  ),
  fc.constantFrom<unknown>(0, -1, -0, 1.5, 10_001, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, Number.NaN, Infinity),
  fc.constantFrom<unknown>(5n, 2n ** 70n, true, false, Symbol('odd'), () => 1),
  fc.constantFrom<unknown>(
    '2026-02-31',
    '2026-01-01',
    '2026-01-01T25:00:00Z',
    '2026-01-01T00:00:00+99:99',
    '0000-00-00',
  ),
  fc.constantFrom<unknown>('9'.repeat(5_000), 'x'.repeat(100_000), '1'.repeat(400), "'; drop table things; --"),
  fc
    .constantFrom<() => unknown>(
      () => ({}),
      () => [],
      () => [null],
      () => [[]],
      () => ['id', 'id'],
      () => ({ gtt: 1 }),
      () => ({ eq: undefined }),
      () => ({ eq: {} }),
      () => ({ in: 'a' }),
      () => ({ in: Array(3) }),
      () => ({ has: 1 }),
      () => ({ toString: () => 'id' }),
      () => ({ length: 2 }),
      () => new Date(Number.NaN),
      () => new Date(),
      () => new Map([['id', 1]]),
      () => Object.create({ eq: 1 }),
      () => Object.defineProperty({}, 'eq', { get: () => 1, enumerable: true }),
      () => new Proxy({}, { ownKeys: () => raise('no keys') }),
      () => ({ toJSON: () => raise('no JSON') }),
      () => JSON.parse('{ "__proto__": { "eq": 1 } }'),
    )
    .map((make) => make()),
  fc.anything({ maxDepth: 2 }),
)

function raise(message: string): never {
  throw new Error(message)
}

const inherited = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf', 'then', '']

/** A name with a slip in it. */
const slip = (name: string): fc.Arbitrary<string> =>
  fc.oneof(
    fc.nat({ max: name.length }).map((at) => name.slice(0, at) + name.slice(at + 1)),
    fc.nat({ max: name.length }).map((at) => `${name.slice(0, at)}x${name.slice(at)}`),
    fc.constantFrom(name.toUpperCase(), `${name}s`, ` ${name}`, `_${name}`, `${name}\0`),
    fc.constantFrom('filter', 'groupBy', 'offset', 'avg', 'orderBy', 'target', 'having', ...inherited),
  )

/** Sets a part, as an own property whatever its name is. */
function set(holder: object, name: string, value: unknown): void {
  Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true })
}

const copyOf = <T>(value: T): T => structuredClone(value)

function holderAt(request: object, path: Path): Record<string, unknown> {
  return path.reduce((holder, name) => (holder as Record<string, object>)[name] as object, request) as never
}

/** Every part of a request, the parts of parts too. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, part]) => [[...path, name], ...pathsOf(part, [...path, name])])
}

function changed(kind: Kind, right: Record<string, unknown>, path: Path, name: string, value: unknown): Mutation {
  const request = copyOf(right)
  set(holderAt(request, path), name, value)
  const without = copyOf(right)
  delete holderAt(without, path)[name]
  return { kind, without, request, path: [...path, name], value }
}

/** One part has an odd value. */
const withOddValue = (kind: Kind, right: Record<string, unknown>): fc.Arbitrary<Mutation> =>
  fc
    .tuple(fc.constantFrom(...pathsOf(right)), odd)
    .map(([path, value]) => changed(kind, right, path.slice(0, -1), path.at(-1) as string, value))

/** One name has a slip in it, and its value is as before. */
const withOddName = (kind: Kind, right: Record<string, unknown>): fc.Arbitrary<Mutation> => {
  const named = pathsOf(right).filter((path) => !Array.isArray(holderAt(right, path.slice(0, -1))))
  return fc.constantFrom(...named).chain((path) => {
    const name = path.at(-1) as string
    const value = holderAt(right, path.slice(0, -1))[name]
    const rest = copyOf(right)
    delete holderAt(rest, path.slice(0, -1))[name]
    return slip(name).map((other) => changed(kind, rest, path.slice(0, -1), other, value))
  })
}

/** A part that the other kind of request has, or that is odd as a whole. */
const withOddTerm = (kind: Kind, right: Record<string, unknown>): fc.Arbitrary<Mutation> =>
  fc
    .tuple(
      fc.constantFrom(
        'sort',
        'columns',
        'cursor',
        'highlight',
        'total',
        'group',
        'sum',
        'aggregates',
        'having',
        'after',
        'text',
        'where',
        'limit',
      ),
      odd,
    )
    .map(([name, value]) => changed(kind, right, [], name, value))

const whole = (kind: Kind): fc.Arbitrary<Mutation> =>
  odd.map((request) => ({ kind, without: {}, request, path: [], value: request }))

const mutationOf = (kind: Kind, right: Record<string, unknown>): fc.Arbitrary<Mutation> =>
  fc.oneof(
    { weight: 4, arbitrary: withOddValue(kind, right) },
    { weight: 4, arbitrary: withOddName(kind, right) },
    { weight: 2, arbitrary: withOddTerm(kind, right) },
    { weight: 1, arbitrary: whole(kind) },
  )

export const anyMutation: fc.Arbitrary<Mutation> = fc.oneof(
  find.chain((right) => mutationOf('find', right)),
  summarize.chain((right) => mutationOf('summarize', right)),
)
