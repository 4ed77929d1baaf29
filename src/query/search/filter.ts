import { textField } from '../../materializers/search/mapping.ts'
import type { ColumnCondition } from '../conditions.ts'

type Clause = Record<string, unknown>

/**
 * Conditions and full text in the engine's query language. Conditions do not score. Every word of the text must be in
 * one of the columns, up to the engine's AUTO distance: one edit from three letters on, two from six on.
 *
 * @param columns the columns that have full text
 */
export function queryClause(
  conditions: readonly ColumnCondition[],
  text: string | undefined,
  columns: readonly string[],
): Clause {
  const filter = conditions.map(conditionClause)
  if (text === undefined) return { bool: { filter } }
  const words = { query: text, fields: columns.map(textField), operator: 'and', fuzziness: 'AUTO' }
  return { bool: { filter, must: [{ multi_match: words }] } }
}

function conditionClause(condition: ColumnCondition): Clause {
  const field = condition.column.name
  switch (condition.operator) {
    case 'null':
      return not({ exists: { field } })
    case 'notNull':
      return { exists: { field } }
    case 'in':
      return { terms: { [field]: condition.values } }
    case 'ne':
      return not({ term: { [field]: { value: condition.value } } })
    case 'eq':
    case 'has':
      return { term: { [field]: { value: condition.value } } }
    default:
      return { range: { [field]: { [condition.operator]: condition.value } } }
  }
}

const not = (clause: Clause): Clause => ({ bool: { must_not: [clause] } })
