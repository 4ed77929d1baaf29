import type { ColumnCondition } from '../conditions.ts'
import type { PlannedText } from '../text.ts'
import type { ReadIndex } from './ask.ts'
import { textField } from './text-field.ts'

type Clause = Record<string, unknown>

/** Conditions and full text in the engine's query language. Conditions do not score. */
export function queryClause(
  source: Pick<ReadIndex, 'filter' | 'text'>,
  conditions: readonly ColumnCondition[],
  text: PlannedText | undefined,
): Clause {
  const filter = conditions.map(conditionClause)
  if (source.filter) filter.push(source.filter)
  return text === undefined ? { bool: { filter } } : { bool: { filter, must: [textClause(text, source.text)] } }
}

/**
 * Every word in one of the columns, so that more words find less. The engine's AUTO distance is one edit from three
 * letters on and two from six on; it reads the terms that begin with the word's first letter, and not all of them.
 */
function textClause({ query, typos }: PlannedText, columns: readonly string[]): Clause {
  const words = { query, fields: columns.map(textField), operator: 'and' }
  return { multi_match: typos ? { ...words, fuzziness: 'AUTO', prefix_length: 1 } : words }
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
