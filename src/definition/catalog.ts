import type pg from 'pg'
import { markedRelation } from '../schema/facades.ts'
import type { CatalogFunction, CatalogRelation } from '../schema/generations.ts'

// A view is compared by the tree that PostgreSQL runs, without the places of its words in the source; a name of Trifold by its
// columns alone.
const relationsStatement = `
  select
    class.oid::text,
    format('%I.%I', namespace.nspname, class.relname) as name,
    class.relkind::text as kind,
    pg_table_is_visible(class.oid) as visible,
    (
      select md5(pg_get_viewdef(class.oid))
      where class.relkind = 'v'
        and ${markedRelation('class.oid')} is null
    ) as text,
    (
      select coalesce(json_agg(json_build_object(
        'number', attribute.attnum,
        'name', attribute.attname,
        'type', format_type(attribute.atttypid, attribute.atttypmod)
      ) order by attribute.attnum), '[]')::text
      from pg_attribute as attribute
      where attribute.attrelid = class.oid
        and attribute.attnum > 0
        and not attribute.attisdropped
    ) as columns
  from pg_class as class
  join pg_namespace as namespace on namespace.oid = class.relnamespace
  where class.oid = any ($1::oid[])
  order by class.oid`

const functionsStatement = `
  select
    oid::text,
    oid::regprocedure::text as name,
    md5(concat_ws(' ', prosrc, prosqlbody, probin, provolatile, proconfig, prorettype, prosecdef)) as text
  from pg_proc
  where oid = any ($1::oid[])
  order by oid`

/** The relations of the given oids that exist, in the order of the oids. `client` gives values as text. */
export async function readRelations(
  client: Pick<pg.ClientBase, 'query'>,
  oids: readonly string[],
): Promise<CatalogRelation[]> {
  const { rows } = await client.query(relationsStatement, [oids])
  return rows.map((row: Record<string, string | null>) => ({
    oid: row.oid as string,
    name: row.name as string,
    kind: row.kind as string,
    visible: row.visible === 't',
    columns: JSON.parse(row.columns as string),
    text: row.text ?? undefined,
  }))
}

/** The functions of the given oids that exist, in the order of the oids. */
export async function readFunctions(
  client: Pick<pg.ClientBase, 'query'>,
  oids: readonly string[],
): Promise<CatalogFunction[]> {
  const { rows } = await client.query(functionsStatement, [oids])
  return rows
}
