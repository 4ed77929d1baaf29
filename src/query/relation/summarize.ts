import { date } from '../../encoding/time.ts'
import type { Encoding, Value } from '../../encoding.ts'
import { quoteIdent, quoteLiteral } from '../../sql.ts'
import { groupedColumn } from '../columns.ts'
import { type Group, groupEntry } from '../group-entry.ts'
import { isClock, type PlannedGroup } from '../groups.ts'
import type { PlannedBound } from '../having.ts'
import { planSummarize, type SummarizePlan } from '../plan.ts'
import { rangeBehind } from '../ranges.ts'
import type { Checked } from '../reader.ts'
import { withSteps } from '../steps.ts'
import type { Summary } from '../summary.ts'
import { refuseText } from '../unsupported.ts'
import { aggregateSql, aggregateValue, boundType } from './aggregates.ts'
import { conditionSql, ranges, whereSql } from './filter.ts'
import type { ReadRelation } from './find.ts'
import { collationSql, columnSql } from './indexes.ts'
import { Parameters } from './parameters.ts'
import { type Queryable, rowsOf } from './run.ts'

/**
 * Checks a request to summarize: count and aggregates, in groups if asked; exact.
 *
 * @param client a pool or client of `database.ts`, whose values arrive as text
 * @throws QUERY_INVALID, QUERY_UNSUPPORTED, TOKEN_INVALID; the answer VALUE_INVALID if a sum of whole numbers is
 * beyond 2^53
 */
export function checkSummarizeInRelation(client: Queryable, source: ReadRelation, request: unknown): Checked<Summary> {
  const plan = planSummarize(source, request)
  refuseText(plan, source)
  const summarize = (one: SummarizePlan) => summarizeInRelation(client, source, one)
  return { wait: plan.wait, answer: async () => summarize(await withSteps(plan, summarize)) }
}

async function summarizeInRelation(client: Queryable, source: ReadRelation, plan: SummarizePlan): Promise<Summary> {
  const asked = { target: source.target, deadline: plan.deadline }
  const statement = { ...summarizeStatement(source, plan), rowMode: 'array' as const }
  const rows = await rowsOf<(string | null)[]>(client, statement, asked)
  return {
    groups: rows.slice(0, plan.limit).map((row) => groupEntry(plan, groupOf(plan, row))),
    more: rows.length > plan.limit,
    approximate: false,
    target: source.target,
  }
}

function groupOf({ groups, aggregates }: SummarizePlan, row: readonly (string | null)[]): Group {
  const text = (place: number) => row[place] ?? null
  return {
    values: groups.map((group, place) => groupValue(group, text(place))),
    count: Number(row[groups.length]),
    computed: aggregates.map((one, place) => aggregateValue(one, text(groups.length + 1 + place))),
  }
}

/** The statement of a summary, with one group more than the limit to see whether there are more. */
export function summarizeStatement(source: ReadRelation, plan: SummarizePlan): { text: string; values: string[] } {
  const parameters = new Parameters()
  const where = whereSql(plan.conditions.map((condition) => conditionSql(condition, parameters)))
  const groups = plan.groups.map((group, place) => groupSql(group, place, parameters))
  const columns = [...groups, 'count(*)', ...plan.aggregates.map(aggregateSql)]
  const from = `from ${source.relation}${plan.groups.map(elementsSql).join('')}`
  const head = `select ${columns.join(', ')}\n${from}${where}`
  if (groups.length === 0) return { text: head, values: parameters.values }
  const places = groups.map((_, place) => place + 1).join(', ')
  const having = plan.having.map((bound) => boundSql(bound, parameters)).join('\n  and ')
  const tail = [
    `group by ${places}`,
    ...(having ? [`having ${having}`] : []),
    `order by ${orderSql(plan, groups.length)}`,
    `limit ${parameters.count(plan.limit + 1)}`,
  ]
  return { text: `${head}\n${tail.join('\n')}`, values: parameters.values }
}

/** By the places in the select list. */
function orderSql({ order: { by, descending }, aggregates }: SummarizePlan, groups: number): string {
  const places = Array.from({ length: groups }, (_, place) => String(place + 1))
  const direction = descending ? ' desc nulls last' : ''
  if (by === 'group') return places.map((place) => `${place}${direction}`).join(', ')
  const first = groups + (by === 'count' ? 1 : 2 + aggregates.indexOf(by))
  return [`${first}${direction}`, ...places].join(', ')
}

function boundSql({ of, operator, value }: PlannedBound, parameters: Parameters): string {
  const [sql, type] = of === 'count' ? ['count(*)', 'numeric'] : [aggregateSql(of), boundType(of)]
  return `${sql} ${operator === 'eq' ? '=' : ranges[operator]} ${parameters.number(value, type)}`
}

function groupSql({ column, calendar, ranges: bounds }: PlannedGroup, place: number, parameters: Parameters): string {
  if (bounds)
    return `width_bucket(${quoteIdent(column.name)}::${column.encoding.pgType}, ${parameters.list(column, bounds)})`
  if (calendar && isClock(calendar.interval)) {
    const zone = calendar.timeZone ? `, ${quoteLiteral(calendar.timeZone)}` : ''
    return `date_trunc('${calendar.interval}', ${quoteIdent(column.name)}${zone})`
  }
  if (calendar) {
    const zone = calendar.timeZone ? ` at time zone ${quoteLiteral(calendar.timeZone)}` : '::timestamp'
    return `date_trunc('${calendar.interval}', ${quoteIdent(column.name)}${zone})::date`
  }
  return column.encoding.element ? `${elementSql(place)}${collationSql(groupedColumn(column))}` : columnSql(column)
}

const elementSql = (place: number): string => `_element_${place}`

/** Each different element of an array beside its row, and once null beside a row that has none. */
const elementsSql = ({ column: { name, encoding } }: PlannedGroup, place: number): string =>
  encoding.element
    ? `
left join lateral (
  select distinct ${elementSql(place)}
  from unnest(${quoteIdent(name)}) as _elements (${elementSql(place)})
  where ${elementSql(place)} is not null
) as _elements_${place} on true`
    : ''

function groupValue({ column, calendar, ranges: bounds }: PlannedGroup, text: string | null): Value {
  if (text === null) return null
  if (bounds) return rangeBehind(bounds, Number(text))
  if (calendar) return (isClock(calendar.interval) ? column.encoding : date).decode(text)
  return representedValue(groupedColumn(column).encoding, text)
}

/** One for all values that PostgreSQL holds equal. */
function representedValue({ decode, representative }: Encoding, text: string): Value {
  const value = decode(text)
  return representative ? representative(value) : value
}
