import type { Client } from '@opensearch-project/opensearch'
import type { Row } from '../../encoding.ts'
import { chosenRow, pageDefinition } from '../chosen.ts'
import { readCursor, writeCursor } from '../cursor.ts'
import { type FindPlan, largestLimit, planFind } from '../plan.ts'
import type { Checked } from '../reader.ts'
import type { Found } from '../request.ts'
import { ask, type ReadIndex, refuseText } from './ask.ts'
import { correctionFor } from './did-you-mean.ts'
import { rowOfDocument, sourceOf } from './fields.ts'
import { queryClause } from './filter.ts'
import { asForgiven } from './forgiveness.ts'
import { type EngineHighlight, Highlighter } from './highlight.ts'
import { refuseUntoldOrder } from './long-text.ts'
import { searchAfterJson, sortClauses } from './order.ts'
import { searchedAmong } from './text.ts'

interface Hit {
  _source: Record<string, unknown>
  highlight?: EngineHighlight
  sort: unknown[]
}

/**
 * Checks a request to find. The answer has the same rows in the same order as that of a relation, as far as the index
 * reflects the same snapshot. Refused is the order of texts that are alike in their first 32,000 bytes. Pages see index
 * refreshes that happen between them.
 *
 * @throws QUERY_INVALID, QUERY_UNSUPPORTED, CURSOR_INVALID, TOKEN_INVALID; the answer SEARCH_FAILED, SEARCH_UNREACHABLE
 */
export function checkFindInIndex(client: Client, source: ReadIndex, request: unknown): Checked<Found> {
  const plan = planFind(source, request)
  refuseText(source, plan.text)
  return { wait: plan.wait, answer: () => findInIndex(client, source, plan) }
}

async function findInIndex(client: Client, source: ReadIndex, asked: FindPlan): Promise<Found> {
  const plan = await asForgiven(client, source, asked)
  const highlighter = plan.highlight
    ? new Highlighter(searchedAmong(source.text, plan.columns).map(({ column }) => column))
    : undefined
  const { hits, total } = await pageOf(client, source, plan, Math.min(plan.limit + 1, largestLimit), highlighter)
  const shown = hits.slice(0, plan.limit)
  const found = rowsOf(source, plan, hits).slice(0, plan.limit)
  const rows = found.map((row) => chosenRow(source.definition, plan, row))
  const more = {
    ...(highlighter && { highlights: shown.map((hit) => highlighter.read(hit.highlight)) }),
    ...(total && { total: total.value }),
  }
  const last = found.at(-1)
  if (last === undefined)
    return {
      rows,
      ...more,
      ...(await correctionFor(client, source, plan, 0)),
      cursor: undefined,
      target: source.target,
    }
  const score = plan.order.relevance ? (hits[rows.length - 1]?.sort[0] as number) : undefined
  const cursor = writeCursor(plan.signature, plan.order, last, score)
  const another = hits.length > rows.length || (await followsLargestPage(client, source, plan, cursor, rows.length))
  const correction = another ? {} : await correctionFor(client, source, plan, rows.length)
  return { rows, ...more, ...correction, cursor: another ? cursor : undefined, target: source.target }
}

/** Rows in the order of the key, in canonical form. */
export async function rowsInIndex(client: Client, source: ReadIndex, plan: FindPlan): Promise<Row[]> {
  return rowsOf(source, plan, (await pageOf(client, source, plan, plan.limit)).hits)
}

function rowsOf(source: ReadIndex, plan: FindPlan, hits: readonly Hit[]): Row[] {
  const { columns } = pageDefinition(source.definition, plan)
  const rows = hits.map((hit) => rowOfDocument(columns, hit._source))
  refuseUntoldOrder(source, plan, rows)
  return rows
}

/** A page of the largest size leaves no room for one row more: whether another follows has to be asked. */
async function followsLargestPage(
  client: Client,
  source: ReadIndex,
  plan: FindPlan,
  cursor: string,
  size: number,
): Promise<boolean> {
  if (size < largestLimit) return false
  const after = readCursor(cursor, plan.signature, plan.order)
  const { hits } = await pageOf(client, source, { ...plan, after, total: false }, 1)
  return hits.length > 0
}

interface EnginePage {
  hits: Hit[]
  /** If it was asked for: of all pages. */
  total?: { value: number }
}

async function pageOf(
  client: Client,
  source: ReadIndex,
  plan: FindPlan,
  size: number,
  highlighter?: Highlighter,
): Promise<EnginePage> {
  const body = searchJson(source, plan, size, highlighter)
  const search = { body, preference: plan.signature, deadline: plan.deadline }
  const answer = await ask<{ hits: EnginePage }>(client, source, search)
  return answer.hits
}

function searchJson(source: ReadIndex, plan: FindPlan, size: number, highlighter?: Highlighter): string {
  const body = JSON.stringify({
    size,
    track_total_hits: plan.total,
    query: queryClause(source, plan.conditions, plan.text),
    sort: sortClauses(plan.order),
    ...(highlighter && { highlight: highlighter.clause() }),
    _source: sourceOf(pageDefinition(source.definition, plan).columns),
  })
  return plan.after ? `${body.slice(0, -1)},"search_after":${searchAfterJson(plan.order, plan.after)}}` : body
}
