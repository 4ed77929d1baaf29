// What serving targets stand on: rows of Trifold's own tables, and the catalog's of their storages, names and definitions.
import type pg from 'pg'

/** The names of the relations of a target, in whatever schema: `search_path` may find another one tomorrow. */
const relationNames = `
  select generation.storage::name as name
  union
  select split_part(generation.target, '@', 1)::name
  union
  select replace(generation.target, '@', '__')::name
  union
  select read.relname
  from jsonb_to_recordset(generation.resolution -> 'relations') as resolved (oid oid)
  join pg_class as read on read.oid = resolved.oid`

/** The versions of the rows of a catalog that belong to a relation. */
const versions = (catalog: string, relation: string): string =>
  `(select string_agg(xmin::text, ' ' order by ctid) from ${catalog} where ${relation} = class.oid)`

const relations = `
  select string_agg(row(
    class.oid,
    class.xmin,
    namespace.xmin,
    ${versions('pg_attribute', 'attrelid')},
    ${versions('pg_index', 'indrelid')},
    ${versions('pg_trigger', 'tgrelid')},
    ${versions('pg_rewrite', 'ev_class')},
    ${versions('pg_description', "classoid = 'pg_class'::regclass and objoid")}
  )::text, ',' order by class.oid)
  from (${relationNames}) as known
  join pg_class as class on class.relname = known.name
  join pg_namespace as namespace on namespace.oid = class.relnamespace`

const functions = `
  select string_agg(row(called.oid, called.xmin)::text, ',' order by called.oid)
  from jsonb_to_recordset(generation.resolution -> 'functions') as resolved (oid oid)
  join pg_proc as called on called.oid = resolved.oid`

const standingStatement = `
  select
    generation.target,
    md5(row(
      generation.id,
      generation.xmin,
      detachment::text,
      (select serving::text from trifold.serving where serving.read_model = split_part(generation.target, '@', 1)),
      exists (select from trifold.suspect_keys where generation_id = generation.id and key is null),
      (${functions}),
      (${relations})
    )::text) as standing
  from trifold.generations as generation
  left join trifold.detachments as detachment on detachment.read_model = split_part(generation.target, '@', 1)
  where generation.state = 'serving'
    and generation.target = any ($1::text[])`

/**
 * A text for all that the checks of each target read in PostgreSQL, in one look for many targets: it is another one once any
 * of that has changed, and may be another one although nothing has that matters. A target that nothing serves has none.
 */
export async function readStanding(
  client: Pick<pg.ClientBase, 'query'>,
  targets: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await client.query({ name: 'trifold_standing', text: standingStatement, values: [targets] })
  return new Map(rows.map(({ target, standing }) => [target, standing]))
}
