import { availableParallelism } from 'node:os'
import type pg from 'pg'
import type { SearchAddress } from 'trifold/internal/config'
import type { Definition } from 'trifold/internal/definition'
import type { Setting } from './comparison.ts'
import { readPlan, type Scanned } from './queries/plan.ts'

/** Where a comparison runs; what it cannot know before it has ended is left to the caller. */
export async function readSetting(
  pool: pg.Pool,
  definition: Definition,
  search: SearchAddress | undefined,
): Promise<Omit<Setting, 'seconds' | 'lagResolution'>> {
  const { rows } = await pool.query(
    `select
      current_setting('server_version') as postgres,
      (select count(*) from (\n${definition.sql}\n) as definition) as rows`,
  )
  const { tables } = await readPlan(pool, { text: `select * from (\n${definition.sql}\n) as definition`, values: [] })
  return {
    startedAt: new Date().toISOString(),
    postgres: (rows[0].postgres as string).split(' ')[0] as string,
    openSearch: search && (await searchVersion(search)),
    node: process.version,
    cpus: availableParallelism(),
    rows: Number(rows[0].rows),
    sourceBytes: await bytesOf(pool, tables),
  }
}

async function bytesOf(pool: pg.Pool, tables: readonly Scanned[]): Promise<number> {
  const { rows } = await pool.query(
    `select coalesce(sum(pg_total_relation_size(class.oid)), 0) as bytes
    from (select distinct * from unnest($1::text[], $2::text[])) as read (schema, name)
    join pg_namespace as namespace on nspname = read.schema
    join pg_class as class on relnamespace = namespace.oid and relname = read.name`,
    [tables.map(({ schema }) => schema), tables.map(({ name }) => name)],
  )
  return Number(rows[0].bytes)
}

async function searchVersion(search: SearchAddress): Promise<string> {
  const { engineVersion, openSearchClient } = await import('trifold/internal/opensearch/client')
  const client = openSearchClient(search)
  try {
    return (await engineVersion(client)).number
  } finally {
    await client.close()
  }
}
