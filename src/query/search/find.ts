import type { Client } from '@opensearch-project/opensearch'
import type { Row } from '../../encoding.ts'
import { chosenRow, pageDefinition, type RowForm } from '../chosen.ts'
import { type Held, invalidCursor, type Place, writeCursor } from '../cursor.ts'
import { type FindPlan, largestLimit, planFind } from '../plan.ts'
import type { Checked } from '../reader.ts'
import type { Age, Found } from '../request.ts'
import { ask, type ReadIndex, refuseText } from './ask.ts'
import { correctionFor } from './did-you-mean.ts'
import { rowOfDocument, sourceOf } from './fields.ts'
import { queryClause } from './filter.ts'
import { asForgiven } from './forgiveness.ts'
import { type EngineHighlight, Highlighter } from './highlight.ts'
import { heldAge, heldFault, letGo, type PageSource, pageSource, refuseWaiting } from './hold.ts'
import { refuseUntoldOrder } from './long-text.ts'
import { searchAfterJson, sortClauses } from './order.ts'
import { pointInTime } from './point-in-time.ts'
import { rankingOf, refuseOtherRanking } from './ranking.ts'
import { searchedAmong } from './text.ts'

interface Hit {
  _source: Record<string, unknown>
  highlight?: EngineHighlight
  sort: unknown[]
}

/**
 * Checks a request to find. The answer has the same rows in the same order as that of a relation, as far as the index
 * reflects the same snapshot. Refused is the order of texts that are alike in their first 32,000 bytes. Pages see index
 * refreshes that happen between them, unless `hold` keeps them still.
 *
 * @throws QUERY_INVALID, QUERY_UNSUPPORTED, CURSOR_INVALID, CURSOR_EXPIRED, TOKEN_INVALID; the answer SEARCH_FAILED, SEARCH_UNREACHABLE
 */
export function checkFindInIndex(
  client: Client,
  source: ReadIndex,
  request: unknown,
  form: RowForm = 'read',
): Checked<Found> {
  const plan = planFind(source, request)
  refuseText(source, plan.text)
  refuseOtherRanking(source, plan)
  refuseWaiting(plan)
  return { wait: plan.wait, answer: (age = {}) => findInIndex(client, source, plan, form, age) }
}

async function findInIndex(
  client: Client,
  source: ReadIndex,
  asked: FindPlan,
  form: RowForm,
  age: Age,
): Promise<Found> {
  const pages = await pageSource(client, source, asked, age)
  try {
    const plan = await asForgiven(client, source, asked)
    const isStrict = asked.text?.typos === true && plan.text?.typos === false
    const marks = { ranking: rankingOf(source, plan), ...(isStrict && { isStrict }), held: pages.held }
    const found = await pageAt(client, pages, plan, form, marks)
    if (found.cursor === undefined) await letGo(client, pages.held)
    return { ...found, ...(asked.place && heldAge(pages.held, age)) }
  } catch (error) {
    if (!asked.place) await letGo(client, pages.held)
    throw asked.place ? heldFault(error, pages.held, asked.hold) : error
  }
}

/** @param marks what the cursor carries besides the row */
async function pageAt(
  client: Client,
  { source, held }: PageSource,
  plan: FindPlan,
  form: RowForm,
  marks: Omit<Place, 'after'>,
): Promise<Found> {
  const highlighter = plan.highlight
    ? new Highlighter(searchedAmong(source.text, plan.columns).map(({ column }) => column))
    : undefined
  const { hits, total } = await pageOf(client, source, plan, Math.min(plan.limit + 1, largestLimit), {
    highlighter,
    held,
  })
  const shown = hits.slice(0, plan.limit)
  const found = rowsOf(source, plan, hits).slice(0, plan.limit)
  const rows = found.map((row) => chosenRow(source.definition, plan, row, form))
  const more = {
    ...(highlighter && { highlights: shown.map((hit) => highlighter.read(hit.highlight)) }),
    ...(total && { total: total.value }),
  }
  const last = found.at(-1)
  const another =
    last !== undefined && (hits.length > rows.length || (await followsLargestPage(client, source, plan, hits, held)))
  const score = plan.order.relevance ? (shown.at(-1)?.sort[0] as number) : undefined
  const cursor = another ? writeCursor(plan.signature, plan.order, last, { score, ...marks }) : undefined
  const correction = another ? {} : await correctionFor(client, source, plan, rows.length)
  return { rows, ...more, ...correction, cursor, target: source.target }
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
  shown: readonly Hit[],
  held: Held | undefined,
): Promise<boolean> {
  const last = shown.at(-1)
  if (last === undefined || shown.length < largestLimit) return false
  const [row] = rowsOf(source, plan, [last]) as [Row]
  const values = plan.order.columns.map(({ column }) => row[column.name] ?? null)
  const after = plan.order.relevance ? [last.sort[0] as number, ...values] : values
  const { hits } = await pageOf(client, source, { ...plan, after, total: false }, 1, { held })
  return hits.length > 0
}

interface EnginePage {
  hits: Hit[]
  /** If it was asked for: of all pages. */
  total?: { value: number }
}

interface Besides {
  highlighter?: Highlighter | undefined
  held?: Held | undefined
}

async function pageOf(
  client: Client,
  source: ReadIndex,
  plan: FindPlan,
  size: number,
  besides: Besides = {},
): Promise<EnginePage> {
  const body = searchJson(source, plan, size, besides)
  const isAtPointInTime = besides.held !== undefined
  const search = { body, preference: plan.signature, deadline: plan.deadline, isAtPointInTime }
  const answer = await ask<{ hits: EnginePage; _shards: { total: number } }>(client, source, search)
  if (answer._shards.total === 0) throw invalidCursor('names no pages that are held')
  return answer.hits
}

function searchJson(source: ReadIndex, plan: FindPlan, size: number, { highlighter, held }: Besides): string {
  const body = JSON.stringify({
    size,
    track_total_hits: plan.total,
    query: queryClause(source, plan.conditions, plan.text),
    sort: sortClauses(plan.order),
    ...(highlighter && { highlight: highlighter.clause() }),
    ...(held && { pit: pointInTime(held.pit, plan.hold ?? 0) }),
    _source: sourceOf(pageDefinition(source.definition, plan).columns),
  })
  return plan.after ? `${body.slice(0, -1)},"search_after":${searchAfterJson(plan.order, plan.after)}}` : body
}
