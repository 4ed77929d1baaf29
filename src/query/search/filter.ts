import type { Column } from '../../definition.ts'
import type { Value } from '../../encoding.ts'
import { TrifoldError } from '../../errors.ts'
import { kindOf } from '../columns.ts'
import type { ColumnCondition } from '../conditions.ts'
import type { PlannedText } from '../text.ts'
import { unsupported } from '../unsupported.ts'
import type { Condition } from '../where.ts'
import type { ReadIndex } from './ask.ts'
import { queryField, queryValue } from './fields.ts'
import { textClause } from './text.ts'

type Clause = Record<string, unknown>
type Refusing = Pick<ReadIndex, 'target' | 'alternatives'>

/** Conditions and full text in the engine's query language. Conditions do not score. */
export function queryClause(
  source: Pick<ReadIndex, 'filter' | 'text' | 'rules' | 'target' | 'alternatives'>,
  conditions: readonly Condition[],
  text: PlannedText | undefined,
): Clause {
  return conditionsClause(source, conditions, text && textClause(text, source.text, source.rules))
}

/** Conditions, and beside them one clause that scores. */
export function conditionsClause(
  source: Pick<ReadIndex, 'filter' | 'target' | 'alternatives'>,
  conditions: readonly Condition[],
  scoring?: Clause,
): Clause {
  const filter = conditions.map((one) => conditionClause(source, one))
  if (source.filter) filter.push(source.filter)
  return { bool: { filter, ...(scoring && { must: [scoring] }) } }
}

function conditionClause(source: Refusing, condition: Condition): Clause {
  switch (condition.operator) {
    case 'and':
      return { bool: { filter: condition.conditions.map((one) => conditionClause(source, one)) } }
    case 'or':
      return {
        bool: { should: condition.conditions.map((one) => conditionClause(source, one)), minimum_should_match: 1 },
      }
    case 'not':
      return not(conditionClause(source, condition.condition))
    default:
      if (kindOf(condition.column) === 'json') throw withoutFields(source, condition.column)
      return columnClause(condition)
  }
}

function columnClause(condition: ColumnCondition): Clause {
  const { column } = condition
  const field = queryField(column)
  switch (condition.operator) {
    case 'null':
      return not({ exists: { field } })
    case 'notNull':
      return { exists: { field } }
    case 'in':
      return { terms: { [field]: condition.values.map((value) => queryValue(column, value)) } }
    case 'ne':
      return not({ term: { [field]: { value: queryValue(column, condition.value) } } })
    case 'eq':
    case 'has':
      return { term: { [field]: { value: queryValue(column, condition.value) } } }
    case 'prefix':
      return { prefix: { [field]: { value: condition.value } } }
    default:
      return { range: { [field]: { [condition.operator]: boundOf(column, condition.value) } } }
  }
}

/** Behind a text that is cut in the index, the order of the texts is not that of what represents them. */
function boundOf(column: Column, value: Value): Value {
  const bound = queryValue(column, value)
  if (column.encoding.exact || Object.is(bound, value) || typeof value !== 'string') return bound
  throw new TrifoldError(
    'QUERY_UNSUPPORTED',
    `query: an index does not compare ${column.name} with a text of more than 32,000 bytes; give a shorter bound, or ask a table or view`,
    { details: { column: column.name } },
  )
}

const withoutFields = (source: Refusing, { name }: Column): TrifoldError =>
  unsupported(source, `keeps ${name} (jsonb) without an index`, 'use another column')

const not = (clause: Clause): Clause => ({ bool: { must_not: [clause] } })
