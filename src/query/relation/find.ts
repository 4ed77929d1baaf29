import { columnList, decodeRow } from '../../definition/rows.ts'
import type { Row } from '../../encoding.ts'
import { chosenRow, pageDefinition, type RowForm } from '../chosen.ts'
import { writeCursor } from '../cursor.ts'
import { type FindPlan, planFind } from '../plan.ts'
import type { Checked } from '../reader.ts'
import type { Found } from '../request.ts'
import { refuseHold, refuseText } from '../unsupported.ts'
import type { Readable } from '../where.ts'
import { conditionSql, whereSql } from './filter.ts'
import { orderColumnSql } from './indexes.ts'
import { piecesAfter } from './keyset.ts'
import { Parameters } from './parameters.ts'
import { type Queryable, rowsOf } from './run.ts'

/** A table, view or materialized view with the columns of a definition. */
export interface ReadRelation extends Readable {
  /** Qualified and escaped: `"public"."order_summary__table"`. */
  relation: string
  /** `order_summary@table` */
  target: string
  /** Targets of the read model that have full text, for the refusal of `text`. */
  fullTextTargets?: readonly string[]
}

/**
 * Checks a request to find, to be answered by one statement. With an index that {@link indexColumnsSql} describes it
 * reads no more rows than the page has, however deep the page is.
 *
 * @param client a pool or client of `database.ts`, whose values arrive as text
 * @throws QUERY_INVALID, QUERY_UNSUPPORTED, CURSOR_INVALID, TOKEN_INVALID
 */
export function checkFindInRelation(
  client: Queryable,
  source: ReadRelation,
  request: unknown,
  form: RowForm = 'read',
): Checked<Found> {
  const plan = planFind(source, request)
  refuseText(plan, source)
  refuseHold(plan, source)
  return { wait: plan.wait, answer: () => findInRelation(client, source, plan, form) }
}

async function findInRelation(client: Queryable, source: ReadRelation, plan: FindPlan, form: RowForm): Promise<Found> {
  const texts = await textsOf(client, source, findStatement(source, plan), plan)
  const definition = pageDefinition(source.definition, plan)
  const rows = texts.map((row) => decodeRow(definition, row))
  const found = rows.slice(0, plan.limit)
  const last = rows.length > plan.limit ? found.at(-1) : undefined
  const cursor = last && writeCursor(plan.signature, plan.order, last)
  const total = plan.total && { total: Number(texts[0]?._total ?? (await countOf(client, source, plan))) }
  return { rows: found.map((row) => chosenRow(definition, plan, row, form)), ...total, cursor, target: source.target }
}

/** For a page without a row, which has no place for it. */
async function countOf(client: Queryable, source: ReadRelation, plan: FindPlan): Promise<string | null | undefined> {
  const parameters = new Parameters()
  const text = `select ${countSql(source, plan, parameters)} as _total`
  const [row] = await textsOf(client, source, { text, values: parameters.values }, plan)
  return row?._total
}

const countSql = (source: ReadRelation, plan: FindPlan, parameters: Parameters): string =>
  `(select count(*) from ${source.relation}${whereSql(plan.conditions.map((one) => conditionSql(one, parameters)))})`

const textsOf = (
  client: Queryable,
  { target }: ReadRelation,
  statement: { text: string; values: string[] },
  { deadline }: FindPlan,
): Promise<Record<string, string | null>[]> => rowsOf(client, statement, { target, deadline })

/** The rows of a page in canonical form, and the first of the next. */
export async function rowsInRelation(
  client: Queryable,
  source: ReadRelation,
  plan: FindPlan,
  decode = decodeRow,
): Promise<Row[]> {
  const rows = await textsOf(client, source, findStatement(source, plan), plan)
  return rows.map((row) => decode(source.definition, row))
}

/** The statement of a page, with one row more than the page to see whether another follows. */
export function findStatement(source: ReadRelation, plan: FindPlan): { text: string; values: string[] } {
  const parameters = new Parameters()
  const columns = columnList(pageDefinition(source.definition, plan))
  const total = plan.total ? `, ${countSql(source, plan, parameters)} as _total` : ''
  const conditions = plan.conditions.map((condition) => conditionSql(condition, parameters))
  const end = `order by ${plan.order.columns.map(orderColumnSql).join(', ')}\nlimit ${parameters.count(plan.limit + 1)}`
  const pieces = plan.after ? piecesAfter(plan.order.columns, plan.after, parameters) : [[]]
  const selects = pieces.map((piece, place) => {
    const list = pieces.length === 1 ? `${columns}${total}` : `${columns}, ${place} as _piece`
    return `select ${list}\nfrom ${source.relation}${whereSql([...conditions, ...piece])}\n${end}`
  })
  if (selects.length === 1) return { text: selects[0] as string, values: parameters.values }
  const union = selects.map((select) => `(${select})`).join('\nunion all\n')
  const text = `select ${columns}${total}\nfrom (\n${union}\n) as page\n${end.replace('order by ', 'order by _piece, ')}`
  return { text, values: parameters.values }
}
