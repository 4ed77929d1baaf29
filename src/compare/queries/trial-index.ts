import type pg from 'pg'
import { qualified, quoteIdent } from '../../sql.ts'
import { clock } from '../clock.ts'
import type { QueryFigures, QueryRequest, Sample } from '../comparison.ts'
import { quantile } from '../series.ts'
import type { DefinitionAnswers } from './answerers.ts'
import type { Scanned } from './plan.ts'

type Trial = NonNullable<QueryFigures['index']>

const samples = 10
const budget = 2_000
/** The answer has to take at most this share of the time, or the index is not worth a word. */
const worthIt = 0.8
/** The write model is locked against writes while the index is built and tried: never longer than this. */
const buildTimeout = 20_000

/**
 * Tries an index on a column by which the definition filters a table that it reads from end to end: in a transaction that
 * is rolled back, so that nothing of it stays. The table cannot be written to meanwhile.
 *
 * @param before milliseconds of the answers without it
 * @returns undefined where there is no such column, the role may not create it, or it does not help
 */
export async function tryIndex(
  definition: DefinitionAnswers,
  request: QueryRequest,
  scans: readonly Scanned[],
  before: readonly number[],
  since: number,
): Promise<Trial | undefined> {
  const { client } = definition
  for (const scan of scans) {
    const statement = await statementFor(client, scan)
    if (!statement) continue
    const latency = await measureWith(definition, statement, request, since).catch(() => []) // refused: no advice
    const helped = latency.length > 0 && medianOf(latency) <= worthIt * quantile(before, 0.5)
    if (helped) return { statement, latency: { unit: 'ms', samples: latency } }
  }
  return undefined
}

const medianOf = (latency: readonly Sample[]): number =>
  quantile(
    latency.map(({ value }) => value),
    0.5,
  )

/** The columns of the table in the order in which the condition names them. */
async function statementFor(client: pg.ClientBase, scan: Scanned): Promise<string | undefined> {
  const { filter, schema, name, alias } = scan
  if (!filter) return undefined
  const { rows } = await client.query(
    `select attname as name
    from pg_attribute
    where attrelid = $1::regclass
      and attnum > 0
      and not attisdropped`,
    [qualified(schema, name)],
  )
  const columns = rows
    .map((row) => ({
      name: row.name as string,
      place: filter.indexOf(`${quoteIfNeeded(alias)}.${quoteIfNeeded(row.name)}`),
    }))
    .filter(({ place }) => place >= 0)
    .sort((a, b) => a.place - b.place)
  if (columns.length === 0) return undefined
  const list = columns.map((column) => quoteIfNeeded(column.name)).join(', ')
  return `create index on ${quoteIfNeeded(schema)}.${quoteIfNeeded(name)} (${list})`
}

/** As PostgreSQL writes names in a plan: quoted only where they must be. */
const quoteIfNeeded = (name: string): string => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : quoteIdent(name))

async function measureWith(
  definition: DefinitionAnswers,
  statement: string,
  request: QueryRequest,
  since: number,
): Promise<Sample[]> {
  const { client } = definition
  const measured: Sample[] = []
  await client.query('begin')
  try {
    await client.query(`set local lock_timeout = '1s'; set local statement_timeout = ${buildTimeout}`)
    await client.query(statement)
    await definition.ask(request) // the first one plans
    for (const end = clock() + budget; measured.length < samples && clock() < end; ) {
      const begun = clock()
      await definition.ask(request)
      measured.push({ at: (begun - since) / 1_000, value: clock() - begun })
    }
  } finally {
    await client.query('rollback')
  }
  return measured
}
