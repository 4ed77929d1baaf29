// The table `trifold.migrations`: which migrations have run. node-pg-migrate makes, reads and writes it.
import type { Executor } from '../executor.ts'
import { quoteIdent } from '../sql.ts'

/** Where node-pg-migrate finds it. */
export const ledger = { migrationsSchema: 'trifold', migrationsTable: 'migrations' }

type Client = Pick<Executor, 'query'>

/** What keeps a role from migrating, as the statement that grants it; undefined if nothing does. */
export async function missingGrant(client: Client): Promise<{ role: string; grant: string } | undefined> {
  const { rows } = await client.query(
    `select
      current_user as role,
      current_database() as database,
      to_regnamespace('trifold') is not null as exists,
      case
        when to_regnamespace('trifold') is null then has_database_privilege(current_database(), 'create')
        else has_schema_privilege('trifold', 'create, usage')
      end as may_create`,
  )
  const { role, database, exists, may_create: mayCreate } = rows[0] as Record<string, string>
  if (mayCreate === 't') return undefined
  const on = exists === 't' ? 'create, usage on schema trifold' : `create on database ${quoteIdent(database as string)}`
  return { role: role as string, grant: `grant ${on} to ${quoteIdent(role as string)}` }
}

/**
 * Creates the schema if it is missing, and brings the ledger of an earlier version in, which stood in `public`. Without
 * the schema that one tells of migrations that are gone.
 */
export async function prepareLedger(client: Client): Promise<void> {
  await client.query(`
    do $$
    begin
      if exists (select from pg_tables where schemaname = 'public' and tablename = 'trifold_migrations') then
        if to_regclass('trifold.windows') is null then
          drop table public.trifold_migrations;
        elsif to_regclass('trifold.migrations') is null then
          alter table public.trifold_migrations set schema trifold;
          alter table trifold.trifold_migrations rename to migrations;
        end if;
      end if;
      if to_regnamespace('trifold') is null then
        create schema trifold;
      end if;
    end
    $$`)
}

/** Drops the schema once every migration was undone. */
export async function dropIfUndone(client: Client): Promise<void> {
  await client.query(`
    do $$
    begin
      if not exists (select from trifold.migrations) then
        drop schema trifold cascade;
      end if;
    end
    $$`)
}
