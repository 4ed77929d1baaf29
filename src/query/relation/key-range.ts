import type { Part } from '../../definition/rows.ts'
import type { Column } from '../../definition.ts'
import { columnSql } from './indexes.ts'

/** A comparison of rows with a place in the order of the key; it is pushed into a definition that is grouped by its key. */
export const keyComparison = (key: readonly Column[], operator: '>' | '<=', placeholders: readonly string[]): string =>
  `(${key.map(columnSql).join(', ')}) ${operator} (${placeholders.join(', ')})`

/**
 * The rows of a key range.
 *
 * @param key the first columns of the key
 * @param bounds values of these columns, as PostgreSQL writes them: behind which, and up to which; undefined at either end
 */
export function rangePart(
  key: readonly Column[],
  bounds: { after: readonly string[] | undefined; upTo: readonly string[] | undefined },
): Part {
  const values: string[] = []
  const bind = (bound: readonly string[]) =>
    key.map(({ encoding }, place) => `$${values.push(bound[place] as string)}::${encoding.pgType}`)
  const conditions = [
    ...(bounds.after ? [keyComparison(key, '>', bind(bounds.after))] : []),
    ...(bounds.upTo ? [keyComparison(key, '<=', bind(bounds.upTo))] : []),
  ]
  return { condition: ['true', ...conditions].join(' and '), values }
}
