import type pg from 'pg'
import { qualified } from 'trifold/internal/sql'
import { clock } from '../clock.ts'
import type { QueryFigures, QueryRequest, Sample, Series } from '../comparison.ts'
import { aboutTheSame, quantile, valuesOf } from '../series.ts'
import type { DefinitionAnswers } from './answerers.ts'
import { indexCandidates } from './index-candidates.ts'
import { timedAnswer } from './measure.ts'
import type { Plan, Scanned } from './plan.ts'

type Trial = NonNullable<QueryFigures['index']>

const samples = 10
const budget = 2_000
/** The answer has to take at most this share of the time, or the index, or a longer one, is not worth a word. */
const worthShare = 0.8
/** The write model is locked against writes while an index is built and tried: never longer than this. */
const buildTimeout = 20_000
/** Longer than an autovacuum of the table takes to give way: PostgreSQL's `deadlock_timeout`, a second. */
const lockTimeout = 3_000

/**
 * Tries indexes on the tables that the definition reads, and gives the best: each in a transaction that is rolled back, so
 * that nothing of it stays. The table cannot be written to meanwhile.
 *
 * @param before milliseconds of the answers without an index
 * @returns undefined if there is nothing to try, the role may not create it, or none helps
 */
export async function bestIndex(
  definition: DefinitionAnswers,
  request: QueryRequest,
  plan: Plan,
  before: readonly number[],
  since: number,
  signal: AbortSignal,
): Promise<Trial | undefined> {
  const statements = await statementsFor(definition.client, plan)
  if (statements.length === 0) return undefined
  // Asked alone, without others in between, the definition is faster: that is no merit of an index.
  const alone = valuesOf(await timed(definition, request, since))
  let fastest = quantile(alone, 0.5) < quantile(before, 0.5) ? alone : before
  let best: Trial | undefined
  for (const statement of statements) {
    signal.throwIfAborted()
    const latency = await timedWith(definition, statement, request, since).catch(() => undefined) // refused: no advice
    if (!latency || !isWorthIt(valuesOf(latency), fastest)) continue
    fastest = valuesOf(latency)
    best = { statement, latency }
  }
  if (!best) return undefined
  // The machine may have been busy with something else before: without the index it has to be slow again.
  const again = valuesOf(await timed(definition, request, since))
  return isWorthIt(valuesOf(best.latency), again) ? best : undefined
}

/** Whether an index gains more than a word, and more than single samples lie apart. */
export const isWorthIt = (latency: readonly number[], before: readonly number[]): boolean =>
  quantile(latency, 0.5) <= worthShare * quantile(before, 0.5) && !aboutTheSame(latency, before)

/** Those with fewer columns first: one with more has to be worth them. */
async function statementsFor(client: pg.ClientBase, { tables, order }: Plan): Promise<string[]> {
  const candidates = await Promise.all(
    tables.map(async (scanned) => {
      const { table, ...named } = await namesOf(client, scanned)
      return indexCandidates(scanned, order, named).map((columns) => ({ table, columns }))
    }),
  )
  const shortFirst = candidates.flat().sort((a, b) => a.columns.length - b.columns.length)
  return [...new Set(shortFirst.map(({ table, columns }) => `create index on ${table} (${columns.join(', ')})`))]
}

/** As PostgreSQL writes them in a plan: quoted only if they must be. */
async function namesOf(
  client: pg.ClientBase,
  { schema, name, alias }: Scanned,
): Promise<{ table: string; alias: string; columns: string[] }> {
  const { rows } = await client.query(
    `select
      format('%I.%I', $2::text, $3::text) as "table",
      quote_ident($4::text) as alias,
      json_agg(quote_ident(attname))::text as columns
    from pg_attribute
    where attrelid = $1::regclass
      and attnum > 0
      and not attisdropped`,
    [qualified(schema, name), schema, name, alias],
  )
  return { table: rows[0].table, alias: rows[0].alias, columns: JSON.parse(rows[0].columns) as string[] }
}

async function timedWith(
  definition: DefinitionAnswers,
  statement: string,
  request: QueryRequest,
  since: number,
): Promise<Series> {
  const { client } = definition
  await client.query('begin')
  try {
    await client.query(`set local lock_timeout = ${lockTimeout}; set local statement_timeout = ${buildTimeout}`)
    await client.query(statement)
    return await timed(definition, request, since)
  } finally {
    await client.query('rollback')
  }
}

async function timed(definition: DefinitionAnswers, request: QueryRequest, since: number): Promise<Series> {
  const ask = () => timedAnswer(definition, request, since)
  const first = await ask() // it reads what the others find in the cache
  if (first.value >= budget) return { unit: 'ms', samples: [first] }
  const measured: Sample[] = []
  for (const end = clock() + budget; measured.length < samples && clock() < end; ) measured.push(await ask())
  return { unit: 'ms', samples: measured }
}
