import type pg from 'pg'
import { type Checks, ok, problem, warning } from './finding.ts'

export interface PrivilegeFacts {
  role: string
  database: string
  /** The schema of the serving names. */
  schema: string
  schemaExists: boolean
  createSchemas: boolean
  createNames: boolean
  /** Relations in the schema `trifold` whose owner's rights this role lacks: it cannot refresh or replace them. */
  foreign: string[]
  /** Other roles that hold a lease now and whose connections this role may not end. */
  untouchable: string[]
}

export async function readPrivilegeFacts(client: pg.ClientBase, schema: string): Promise<PrivilegeFacts> {
  const { rows } = await client.query(
    `select
      current_user as role,
      current_database() as database,
      to_regnamespace($1) is not null as schema_exists,
      has_database_privilege(current_database(), 'create') as create_schemas,
      to_regnamespace($1) is not null and has_schema_privilege(to_regnamespace($1)::oid, 'create') as create_names,
      coalesce((
        select json_agg(oid::regclass::text order by oid)
        from pg_class
        where relnamespace = to_regnamespace('trifold')
          and relkind in ('r', 'p', 'm', 'S')
          and not pg_has_role(relowner, 'usage')
      ), '[]') as foreign_relations,
      coalesce((
        select json_agg(distinct usename)
        from pg_stat_activity
        where application_name like 'trifold consumer %'
          and datname = current_database()
          and not pg_has_role(usesysid, 'usage')
          and not pg_has_role('pg_signal_backend', 'usage')
      ), '[]') as untouchable`,
    [schema],
  )
  const row = rows[0] as Record<string, string>
  return {
    role: row.role as string,
    database: row.database as string,
    schema,
    schemaExists: row.schema_exists === 't',
    createSchemas: row.create_schemas === 't',
    createNames: row.create_names === 't',
    foreign: JSON.parse(row.foreign_relations as string),
    untouchable: JSON.parse(row.untouchable as string),
  }
}

export const privilegeChecks: Checks<PrivilegeFacts> = {
  createSchemas: ({ createSchemas, role, database }) =>
    createSchemas
      ? ok(`${role} may create schemas in ${database} ("trifold", and "bullmq" if there is no Redis)`)
      : warning(
          `${role} may not create schemas in ${database}: \`trifold migrate\` and the queue in PostgreSQL need it once`,
          `grant create on database ${database} to ${role}`,
        ),
  createNames: ({ createNames, schemaExists, schema, role }) => {
    if (createNames) return ok(`${role} may create the serving names in schema ${schema}`)
    return schemaExists
      ? problem(
          `${role} may not create views in schema ${schema}, which holds the serving names`,
          `grant create on schema ${schema} to ${role}, or set \`schema\` in the configuration`,
        )
      : problem(`there is no schema ${schema} for the serving names`, `create schema ${schema}`)
  },
  ownership: ({ foreign, role }) =>
    foreign.length === 0
      ? ok(`${role} has the rights of the owner of everything in "trifold": it may refresh and replace it`)
      : problem(
          `${role} lacks the rights of the owner of ${foreign.slice(0, 3).join(', ')}: only an owner may refresh or replace them`,
          `run the workers as one role, or grant that role to ${role}`,
        ),
  takeover: ({ untouchable, role }) =>
    untouchable.length === 0
      ? ok(`${role} may end the connections of other consumers, which a takeover needs`)
      : problem(
          `consumers run as ${untouchable.join(', ')}, whose connections ${role} may not end: a frozen one could not be replaced`,
          `run the workers as one role, or grant pg_signal_backend to ${role}`,
        ),
}
