import type { Column, Definition } from '../definition.ts'
import { columnFor } from './columns.ts'
import { invalidQuery } from './invalid.ts'
import { ignoringCase } from './letter-case.ts'
import { shown } from './parts.ts'
import type { Condition } from './where.ts'

/** One column of an order. */
export interface OrderColumn {
  column: Column
  descending: boolean
  /** Whether texts that differ only in upper and lower case are equal. */
  ignoringCase?: boolean
  /** Whether rows without a value come first; else they come last, in both directions. */
  missingFirst?: boolean
}

/** How a term says so, behind the column. */
const missingFirst = ' missing first'

/** PostgreSQL's limit of the columns of a table. */
const mostTerms = 1_600

/** A total order: no two rows are equal in it, so that a page ends between two rows. */
export interface Order {
  /** Whether the score of the full text comes first, best first. */
  relevance: boolean
  /** Ends with the key. */
  columns: OrderColumn[]
}

/**
 * The order that a request asks for. The key is added in the direction of the last term: then an index that ends with
 * the key serves the order as it is, and the opposite order when it is read backwards.
 *
 * @param sort as it came
 * @param hasText whether the best match comes first if no column does
 * @throws QUERY_INVALID
 */
export function orderOf(
  definition: Definition,
  sort: unknown,
  hasText: boolean,
  conditions: readonly Condition[],
): Order {
  const asked = termsOf(sort).map((term) => orderColumnOf(definition, term))
  const twice = asked.find(({ column }, place) => asked.findIndex((one) => one.column === column) !== place)
  if (twice) throw invalidQuery(`\`sort\` names ${twice.column.name} twice; keep one of them`)
  return {
    relevance: hasText && asked.length === 0,
    columns: withKey(definition, withoutFixed(definition, asked, conditions), asked.at(-1)?.descending),
  }
}

function termsOf(sort: unknown): unknown[] {
  if (sort === undefined) return []
  if (typeof sort === 'string') return [sort]
  if (Array.isArray(sort) && sort.length <= mostTerms) return [...sort]
  const given = Array.isArray(sort) ? `a list of ${sort.length}` : shown(sort)
  throw invalidQuery(
    `\`sort\` takes \`column\`, \`-column\`, either with \`${ignoringCase}\` or \`${missingFirst}\`, or a list of at most ${mostTerms} of these, not ${given}`,
  )
}

function orderColumnOf(definition: Definition, term: unknown): OrderColumn {
  if (typeof term !== 'string') return { column: columnFor('sort', definition, term), descending: false }
  const descending = term.startsWith('-')
  const [valued, isFirst] = without(missingFirst, term.slice(descending ? 1 : 0))
  const [name, isFolded] = without(ignoringCase, valued)
  const column = columnFor(isFolded ? 'case' : 'sort', definition, name)
  return {
    column,
    descending,
    ...(isFolded && { ignoringCase: true }),
    ...(isFirst && !column.notNull && { missingFirst: true }),
  }
}

/** What stands in front of the words at the end of a term, and whether they are there. */
const without = (words: string, term: string): [string, boolean] =>
  term.endsWith(words) ? [term.slice(0, -words.length), true] : [term, false]

/** A column that equality holds fixed orders nothing; without it the rest is a plain range of an index. */
function withoutFixed(
  definition: Definition,
  columns: readonly OrderColumn[],
  conditions: readonly Condition[],
): OrderColumn[] {
  const fixed = conditions.flatMap((one) => (one.operator === 'eq' || one.operator === 'null' ? [one.column] : []))
  return columns.filter(({ column }) => definition.key.includes(column) || !fixed.includes(column))
}

/** Adds the key columns that are not there yet; by default in the direction of the last column. */
export function withKey(
  definition: Definition,
  columns: readonly OrderColumn[],
  descending = columns.at(-1)?.descending ?? false,
): OrderColumn[] {
  const missing = definition.key.filter((key) => !columns.some(({ column }) => column.name === key.name))
  return [...columns, ...missing.map((column) => ({ column, descending }))]
}
