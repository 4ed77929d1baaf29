import type { Plan, Scanned } from './plan.ts'

/** A table and its columns, each name as PostgreSQL writes it in a plan: quoted if it must be. */
export interface NamedTable {
  alias: string
  columns: readonly string[]
}

/**
 * The columns of the indexes that are worth a trial for a table that a plan reads, each as in `create index`: those that
 * are compared for equality, and behind them one that is compared otherwise, or the order of the query. A b-tree is read
 * from one place on only so: a column behind a range, or behind one of several values, narrows nothing and sorts nothing.
 * A table that is found by an index already is tried with the order only.
 *
 * Sources: https://www.postgresql.org/docs/current/indexes-multicolumn.html and
 * https://www.postgresql.org/docs/current/indexes-ordering.html
 */
export function indexCandidates(
  { whole, condition }: Pick<Scanned, 'whole' | 'condition'>,
  order: Plan['order'],
  table: NamedTable,
): string[][] {
  const compared = comparedColumns(condition, table)
  const equal = compared.filter(({ isEqual }) => isEqual).map(({ name }) => name)
  const others = compared.filter(({ isEqual }) => !isEqual).map(({ name }) => [...equal, name])
  const sorted = sortedColumns(order, table).filter((term) => !equal.includes(term.split(' ')[0] as string))
  const filtering = others.length > 0 ? others : [equal]
  return [...(whole ? filtering : []), ...(sorted.length > 0 ? [[...equal, ...sorted]] : [])].filter(
    (columns) => columns.length > 0,
  )
}

/** What follows a column, and perhaps its cast, if one value is asked for. */
const equality = /^(\)::[a-z ]+(\(\d+\))?)? (=(?! ANY)|IS NULL)/

/** In the order in which the condition names them. */
function comparedColumns(condition: string, { alias, columns }: NamedTable): { name: string; isEqual: boolean }[] {
  return columns
    .flatMap((name) => {
      const found = mention(alias, name).exec(condition)
      return found ? [{ name, place: found.index, rest: condition.slice(found.index + found[0].length) }] : []
    })
    .sort((a, b) => a.place - b.place)
    .map(({ name, rest }) => ({ name, isEqual: equality.test(rest) }))
}

/** The sort keys up to the first that is no column of the table: `tickets.opened_at DESC` is `opened_at DESC`. */
function sortedColumns(order: Plan['order'], { alias, columns }: NamedTable): string[] {
  const terms = order.map((key) => (columns.some((name) => isSortedBy(key, alias, name)) ? key : undefined))
  const end = terms.indexOf(undefined)
  return (end < 0 ? terms : terms.slice(0, end)).map((key) => (key as string).slice(alias.length + 1))
}

const isSortedBy = (key: string, alias: string, name: string): boolean => {
  const rest = key.startsWith(`${alias}.${name}`) ? key.slice(alias.length + 1 + name.length) : undefined
  return rest !== undefined && /^( COLLATE "[^"]+")?( DESC)?( NULLS (FIRST|LAST))?$/.test(rest)
}

const mention = (alias: string, name: string): RegExp =>
  new RegExp(`(?<![\\w.$"])${literally(`${alias}.${name}`)}(?![\\w$"])`)

const literally = (text: string): string => text.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')
