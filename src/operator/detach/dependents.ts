import type pg from 'pg'
import { markedRelation } from '../../schema/facades.ts'
import { targetsOfStorages } from '../../schema/generations.ts'

/** A view that depends on a table under a read model, and may keep a migration from changing it. */
export interface Dependent {
  /** Qualified, as PostgreSQL quotes it. */
  name: string
  kind: 'view' | 'materialized view'
  /** The relations under the read model that it reads. */
  reads: string[]
  /** The target of Trifold that it belongs to; undefined if it is the application's own. */
  target: string | undefined
}

const statement = `
  with recursive dependent (oid, read) as (
    select rewrite.ev_class, depend.refobjid
    from pg_depend as depend
    join pg_rewrite as rewrite on rewrite.oid = depend.objid
    where depend.classid = 'pg_rewrite'::regclass
      and depend.refclassid = 'pg_class'::regclass
      and depend.refobjid = any ($1::oid[])
      and rewrite.ev_class <> depend.refobjid
    union
    select rewrite.ev_class, dependent.read
    from dependent
    join pg_depend as depend on depend.refclassid = 'pg_class'::regclass and depend.refobjid = dependent.oid
    join pg_rewrite as rewrite on rewrite.oid = depend.objid
    where depend.classid = 'pg_rewrite'::regclass
      and rewrite.ev_class <> dependent.oid
  )
  select
    dependent.oid::regclass::text as name,
    class.relname,
    class.relnamespace = to_regnamespace('trifold') as ours,
    class.relkind,
    json_agg(distinct dependent.read::regclass::text)::text as reads
  from dependent
  join pg_class as class on class.oid = dependent.oid
  where class.relkind <> 'v' or ${markedRelation('class.oid')} is null
  group by dependent.oid, class.relname, class.relnamespace, class.relkind
  order by name`

/**
 * What depends on relations, by itself or through other views: the application's own views, and views of other read
 * models. Names that Trifold points at a target depend on that and are left out.
 *
 * @param client of `database.ts`, whose values arrive as text
 */
export async function dependentsOf(client: pg.ClientBase, oids: readonly string[]): Promise<Dependent[]> {
  const { rows } = await client.query(statement, [oids])
  const ours = rows.filter(({ ours }) => ours === 't').map(({ relname }) => relname as string)
  const targets = await targetsOfStorages(client, ours)
  return rows.map(({ name, relname, ours, relkind, reads }) => ({
    name,
    kind: relkind === 'm' ? 'materialized view' : 'view',
    reads: JSON.parse(reads),
    target: ours === 't' ? targets.get(relname) : undefined,
  }))
}
