import type pg from 'pg'
import { markedRelation } from '../schema/facades.ts'
import type { SelectTree } from './plan-dependent.ts'

/** A function that a definition calls and that is not immutable, or is not one of PostgreSQL's. */
export interface CalledFunction {
  oid: string
  name: string
  /** `pg_proc.provolatile`: i immutable, s stable, v volatile. */
  volatility: 'i' | 's' | 'v'
  /** Whether the application made it. */
  own: boolean
}

/**
 * What the rewrite rules of a view, and those of the views inside it, refer to. A name of Trifold counts as a table: what is
 * under it is another relation after each rebuild, with the same rows.
 */
export interface Rules {
  /** The numbers of the columns that are read, by the oid of the relation; 0 is the relation as a whole. */
  columns: Map<string, Set<number>>
  /** Whether a row is read as a whole (`to_jsonb(orders)`): of which relation the trees do not say. */
  readsWholeRows: boolean
  /** The relations that the view itself names. */
  direct: Set<string>
  functions: CalledFunction[]
  /** `current_user`, `current_date` and the like, which are no functions for the parser. */
  values: string[]
  /** The view's own tree and those of the views inside it. */
  trees: SelectTree[]
}

/** `SQLValueFunctionOp` of PostgreSQL's primnodes.h, in its order (the same in 14 to 18). */
const valueNames = [
  ...['current_date', 'current_time', 'current_time', 'current_timestamp', 'current_timestamp'],
  ...['localtime', 'localtime', 'localtimestamp', 'localtimestamp', 'current_role', 'current_user', 'user'],
  ...['session_user', 'current_catalog', 'current_schema'],
]

/** The first oid that `initdb` does not give away (`FirstNormalObjectId`). */
const firstOwnOid = 16384

const rulesOf = `
  with recursive rules as (
    select rule.oid, rule.ev_class, true as direct
    from pg_rewrite as rule
    where rule.ev_class = $1::regclass
    union
    select rule.oid, rule.ev_class, false
    from rules
    join pg_depend as depend on depend.classid = 'pg_rewrite'::regclass
      and depend.objid = rules.oid
      and depend.refclassid = 'pg_class'::regclass
    join pg_class as class on class.oid = depend.refobjid
      and class.relkind = 'v'
      and ${markedRelation('class.oid')} is null
    join pg_rewrite as rule on rule.ev_class = class.oid and rule.ev_type = '1'
  )`

const relationsStatement = `${rulesOf}
  select
    depend.refobjid::text as oid,
    bool_or(rules.direct) as direct,
    json_agg(distinct depend.refobjsubid)::text as columns
  from rules
  join pg_depend as depend on depend.classid = 'pg_rewrite'::regclass
    and depend.objid = rules.oid
    and depend.refclassid = 'pg_class'::regclass
    and depend.refobjid <> rules.ev_class
    and depend.deptype = 'n'
  group by depend.refobjid`

const functionsStatement = `
  select oid::text, proname as name, provolatile::text as volatility, oid >= ${firstOwnOid} as own
  from pg_proc
  where oid = any ($1::oid[])
    and (provolatile <> 'i' or oid >= ${firstOwnOid})
  order by oid`

/**
 * Reads what a view refers to. Dependencies do not name the functions that PostgreSQL brings, so those are read from the
 * rules' own trees.
 *
 * @param view qualified and quoted
 */
export async function readRules(client: pg.ClientBase, view: string): Promise<Rules> {
  const { rows: relations } = await client.query(relationsStatement, [view])
  const { rows: trees } = await client.query(
    `${rulesOf}
    select distinct ev_class::text as relation, ev_class = $1::regclass as direct, ev_action::text as tree
    from pg_rewrite
    where oid in (select oid from rules)`,
    [view],
  )
  const tree = trees.map((row) => row.tree).join('\n')
  const called = [...tree.matchAll(/:(?:funcid|opfuncid|aggfnoid|winfnoid) (\d+)/g)].map((match) => match[1])
  const { rows: functions } = await client.query(functionsStatement, [[...new Set(called)]])
  const values = [...tree.matchAll(/SQLVALUEFUNCTION :op (\d+)/g)].map(
    (match) => valueNames[Number(match[1])] as string,
  )
  return {
    columns: new Map(relations.map((row) => [row.oid, new Set<number>(JSON.parse(row.columns))])),
    readsWholeRows: /\{VAR :varno \d+ :varattno 0 /.test(tree),
    direct: new Set(relations.filter((row) => row.direct === 't').map((row) => row.oid)),
    functions: functions.map((row) => ({ ...row, own: row.own === 't' })),
    values: [...new Set(values)],
    trees: trees.map((row) => ({ ...row, direct: row.direct === 't' })),
  }
}
