import type { Column, Definition } from 'trifold/internal/definition'
import type { AggregateFunction } from 'trifold/internal/query/aggregates'
import { columnsFor, isOrdered, type Use } from 'trifold/internal/query/columns'
import { operatorsOf } from 'trifold/internal/query/conditions'
import { mostSuggestions } from 'trifold/internal/query/suggest'
import { type Term, terms } from 'trifold/internal/query/terms'
import type { Limits } from '../limits.ts'
import type { ReadKind } from '../reads.ts'
import { anyOf, listOf, objectWith, oneOf, ref, type Schema, span } from './schema.ts'
import { givenSchema } from './value-schema.ts'

/** What a schema of a request depends on. */
export interface Described {
  definition: Definition
  /** The targets by which it may be answered. */
  stores: readonly string[]
  limits: Limits
}

const names = (columns: readonly Column[]): string[] => columns.map(({ name }) => name)
const bothWays = (columns: readonly string[]): string[] => columns.flatMap((name) => [name, `-${name}`])

/** Conditions by column, and what joins them. */
export function whereSchema({ readModel, columns }: Definition): Schema {
  const self = ref(`${readModel}.where`)
  const some = listOf(self, { minItems: 1 })
  const joins = { and: some, or: some, not: self }
  const conditions = Object.fromEntries(columns.map((column) => [column.name, conditionSchema(column)]))
  return {
    ...objectWith({ ...joins, ...conditions }, []),
    description: 'Conditions by column, all of which must hold: a value means equality, null the lack of one.',
  }
}

function conditionSchema(column: Column): Schema {
  const value = givenSchema(column.encoding)
  const orNull = anyOf(value, { type: 'null' })
  const bounds: Readonly<Record<string, Schema>> = {
    eq: orNull,
    ne: orNull,
    in: listOf(value),
    exists: { type: 'boolean' },
    prefix: { type: 'string', maxLength: 1_000 },
  }
  const operators = operatorsOf(column)
  const members = Object.fromEntries(operators.map((operator) => [operator, bounds[operator] ?? value]))
  const asked = { ...objectWith(members, []), minProperties: 1 }
  return operators.includes('eq') ? anyOf(orNull, asked) : asked
}

type TermOf<Kind extends ReadKind> = (typeof terms)[Kind][number] | 'from'

/** The whole of a request to find, to summarize or to suggest. */
export function requestSchema(kind: ReadKind, described: Described): Schema {
  const common = commonTerms(described)
  const all: Partial<Record<Term, Schema>> = {
    find: () => ({ ...common, ...findTerms(described) }) satisfies Record<TermOf<'find'>, Schema>,
    summarize: () => ({ ...common, ...summarizeTerms(described) }) satisfies Record<TermOf<'summarize'>, Schema>,
    suggest: () => ({ ...common, ...suggestTerms(described) }) satisfies Record<TermOf<'suggest'>, Schema>,
  }[kind]()
  const known: readonly Term[] = ['from', ...terms[kind]]
  return objectWith(Object.fromEntries(known.map((term) => [term, all[term] as Schema])), [])
}

/** The whole of a request to export. */
export function exportSchema(described: Described): Schema {
  const { where, text, from, after, timeout } = commonTerms(described)
  const { columns, sort } = findTerms(described)
  return objectWith({ where, columns, text, sort, from, after, timeout }, [])
}

const commonTerms = ({ definition, stores, limits }: Described) => ({
  where: ref(`${definition.readModel}.where`),
  text: anyOf(
    { type: 'string', description: 'Words to be found, with typos forgiven.' },
    objectWith(
      {
        query: { type: 'string' },
        typos: { type: 'boolean' },
        prefix: { type: 'boolean' },
        match: oneOf(['all', 'any']),
      },
      ['query'],
    ),
  ),
  from: { ...oneOf(stores), description: 'The target that answers; default: the one that serves.' },
  after: { type: 'string', description: 'A commit token: the read waits until the target shows the commit.' },
  timeout: { ...span, description: `The longest wait for \`after\`, up to ${limits.wait} ms.` },
  deadline: { ...span, description: `The longest time to answer, up to ${limits.time} ms.` },
})

function findTerms({ definition, limits }: Described) {
  const texts = names(columnsFor('case', definition)).map((name) => `${name} ignoring case`)
  const terms = bothWays([...names(definition.columns.filter(isOrdered)), ...texts])
  const term = oneOf([...terms, ...terms.map((one) => `${one} missing first`)])
  return {
    columns: listOf(oneOf(names(definition.columns)), { minItems: 1, uniqueItems: true }),
    highlight: { type: 'boolean' },
    sort: anyOf(term, listOf(term)),
    limit: limitSchema(limits.rows),
    cursor: { type: 'string', description: 'Where the page before ended: its `cursor`.' },
    hold: { ...span, description: `Keeps the rows of all pages as they are at the first; up to ${limits.hold} ms.` },
    total: { type: 'boolean' },
  }
}

const limitSchema = (most: number, usual = Math.min(100, most)): Schema => ({
  type: 'integer',
  minimum: 1,
  maximum: most,
  default: usual,
})

function suggestTerms({ definition }: Described) {
  return {
    text: { type: 'string', description: 'What somebody has typed so far.' },
    columns: listOf(oneOf(names(definition.columns)), { minItems: 1, uniqueItems: true }),
    limit: limitSchema(mostSuggestions, 10),
  }
}

function summarizeTerms({ definition, limits }: Described) {
  const group = groupSchema(definition)
  const aggregate = aggregateSchema(definition)
  return {
    group: anyOf(group, listOf(group, { minItems: 1, maxItems: 5 })),
    sum: columnSchema('sum', definition),
    aggregates: { type: 'object', additionalProperties: aggregate, minProperties: 1, maxProperties: 20 },
    having: { type: 'object', additionalProperties: boundsSchema, minProperties: 1 },
    sort: {
      type: 'string',
      description: '`count`, `sum`, `group` or the name of an aggregate, `-` for the largest first.',
    },
    limit: limitSchema(limits.groups),
  }
}

/** The name of a column that can be used so; nothing fits if there is none. */
const columnSchema = (use: Use, definition: Definition): Schema => oneOf(names(columnsFor(use, definition)))

const groupSchema = (definition: Definition): Schema =>
  anyOf(
    columnSchema('group', definition),
    objectWith(
      {
        column: columnSchema('interval', definition),
        interval: oneOf(['minute', 'hour', 'day', 'week', 'month', 'quarter', 'year']),
        timeZone: { type: 'string' },
      },
      ['column', 'interval'],
    ),
    objectWith({
      column: columnSchema('ranges', definition),
      ranges: listOf({ type: ['number', 'string'] }, { minItems: 1, maxItems: 100 }),
    }),
    objectWith({ column: columnSchema('ranges', definition), step: { type: ['number', 'string'] } }),
  )

const share: Schema = { type: 'number', minimum: 0, maximum: 1 }
const functions: Readonly<Record<AggregateFunction, Readonly<Record<string, Schema>>>> = {
  count: {},
  sum: {},
  avg: {},
  min: {},
  max: {},
  countDistinct: {},
  percentile: { at: share },
}

const aggregateSchema = (definition: Definition): Schema =>
  anyOf(
    ...Object.entries(functions).map(([name, others]) =>
      objectWith({ [name]: columnSchema(name as AggregateFunction, definition), ...others }),
    ),
  )

const number: Schema = { type: ['number', 'string'] }
const boundsSchema: Schema = {
  ...objectWith({ eq: number, gt: number, gte: number, lt: number, lte: number }, []),
  minProperties: 1,
}
