import type { Column } from '../../definition.ts'
import type { Encoding, Value } from '../../encoding.ts'
import { quoteIdent } from '../../sql.ts'
import { groupedColumn } from '../columns.ts'
import { planSummarize, type SummarizePlan } from '../plan.ts'
import type { Checked } from '../reader.ts'
import type { Summary } from '../request.ts'
import { sumValue } from '../sum.ts'
import { refuseText } from '../unsupported.ts'
import { conditionSql, whereSql } from './filter.ts'
import type { ReadRelation } from './find.ts'
import { collationSql, columnSql } from './indexes.ts'
import { Parameters } from './parameters.ts'
import { type Queryable, rowsOf } from './run.ts'

/**
 * Checks a request to summarize: count and sum, in groups if asked; exact.
 *
 * @param client a pool or client of `database.ts`, whose values arrive as text
 * @throws QUERY_INVALID, QUERY_UNSUPPORTED, TOKEN_INVALID; the answer VALUE_INVALID if a sum of whole numbers is
 * beyond 2^53
 */
export function checkSummarizeInRelation(client: Queryable, source: ReadRelation, request: unknown): Checked<Summary> {
  const plan = planSummarize(source.definition, request)
  refuseText(plan, source)
  return { wait: plan.wait, answer: () => summarizeInRelation(client, source, plan) }
}

async function summarizeInRelation(client: Queryable, source: ReadRelation, plan: SummarizePlan): Promise<Summary> {
  const asked = { target: source.target, deadline: plan.deadline }
  const statement = { ...summarizeStatement(source, plan), rowMode: 'array' as const }
  const rows = await rowsOf<(string | null)[]>(client, statement, asked)
  const groups = rows.slice(0, plan.limit).map(([group = null, count, sum = null]) => ({
    group: groupValue(plan.group, group),
    count: Number(count),
    sum: plan.sum && sum !== null ? sumValue(plan.sum, sum) : null,
  }))
  return { groups, approximate: rows.length > plan.limit, target: source.target }
}

/** The statement of a summary, with one group more than the limit to see whether groups are cut. */
export function summarizeStatement(source: ReadRelation, plan: SummarizePlan): { text: string; values: string[] } {
  const parameters = new Parameters()
  const where = whereSql(plan.conditions.map((condition) => conditionSql(condition, parameters)))
  const group = plan.group && groupSql(plan.group)
  const sum = plan.sum ? sumSql(plan.sum) : 'null'
  const from = `from ${source.relation}${plan.group ? elementsSql(plan.group) : ''}`
  const head = `select ${group ?? 'null'}, count(*), ${sum}\n${from}${where}`
  if (!group) return { text: head, values: parameters.values }
  const limit = parameters.count(plan.limit + 1)
  return {
    text: `${head}\ngroup by ${group}\norder by ${orderSql(plan, group, sum)}\nlimit ${limit}`,
    values: parameters.values,
  }
}

function orderSql({ order: { by, descending } }: SummarizePlan, group: string, sum: string): string {
  const first = { count: 'count(*)', sum, group }[by]
  return `${first}${descending ? ' desc nulls last' : ''}, ${group}`
}

const groupSql = (column: Column): string =>
  column.encoding.element ? `_element${collationSql(groupedColumn(column))}` : columnSql(column)

/** Each different element of an array beside its row, and once null beside a row that has none. */
const elementsSql = ({ name, encoding }: Column): string =>
  encoding.element
    ? `
left join lateral (
  select distinct _element
  from unnest(${quoteIdent(name)}) as _elements (_element)
  where _element is not null
) as _elements on true`
    : ''

// PostgreSQL adds single-precision values in single precision.
const sumSql = ({ name, encoding }: Column): string =>
  `sum(${quoteIdent(name)}${encoding.pgType === 'real' ? '::double precision' : ''})`

const groupValue = (column: Column | undefined, text: string | null): Value =>
  column && text !== null ? groupOf(groupedColumn(column).encoding, text) : null

/** One for all values that PostgreSQL holds equal. */
function groupOf({ decode, representative }: Encoding, text: string): Value {
  const value = decode(text)
  return representative ? representative(value) : value
}
