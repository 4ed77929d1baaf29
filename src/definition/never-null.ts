import type pg from 'pg'

/** One node of a plan, as `explain (verbose, format json)` shows it. */
interface PlanNode {
  'Node Type': string
  'Parent Relationship'?: string
  'Join Type'?: string
  Schema?: string
  'Relation Name'?: string
  'Grouping Sets'?: unknown
  Output?: string[]
  Plans?: PlanNode[]
}

/** What a plan says of nulls: which relations it may fill up with them, and whether anybody knows. */
interface Nulls {
  unknown: boolean
  /** Relations of which an outer join may make rows of nulls, as `schema.name`. */
  filledUp: Set<string>
  present: Set<string>
}

/**
 * The columns of which PostgreSQL knows that they are never null: NOT NULL columns of tables that no outer join fills up
 * with nulls, counts, and `coalesce` that ends with a constant. The plan shows the joins as they are after the planner has
 * proved what it can.
 *
 * @param fields of the SELECT
 */
export async function neverNullColumns(
  client: pg.ClientBase,
  sql: string,
  fields: readonly pg.FieldDef[],
): Promise<ReadonlySet<string>> {
  const plan = await planOf(client, sql)
  const nulls: Nulls = { unknown: false, filledUp: new Set(), present: new Set() }
  lookAt(plan, false, nulls)
  if (nulls.unknown) return new Set()
  const promised = await notNullColumns(client, fields)
  const isNeverNull = ({ tableID, columnID }: pg.FieldDef, place: number) =>
    tableID === 0 ? isValue(plan.Output?.[place] ?? '', nulls) : isKept(promised.get(`${tableID}.${columnID}`), nulls)
  return new Set(fields.filter(isNeverNull).map(({ name }) => name))
}

async function planOf(client: pg.ClientBase, sql: string): Promise<PlanNode> {
  const { rows } = await client.query(
    `explain (verbose, costs off, format json)
    select * from (\n${sql}\n) as definition`,
  )
  const shown = rows[0]['QUERY PLAN']
  return (typeof shown === 'string' ? JSON.parse(shown) : shown)[0].Plan
}

/** Rows of these nodes do not show which relations they come from. */
const opaque = new Set(['CTE Scan', 'WorkTable Scan', 'Function Scan', 'Table Function Scan', 'Custom Scan'])

function lookAt(node: PlanNode, isFilledUp: boolean, nulls: Nulls): void {
  if (node['Grouping Sets'] || (isFilledUp && opaque.has(node['Node Type']))) nulls.unknown = true
  if (node['Relation Name']) {
    const name = `${node.Schema}.${node['Relation Name']}`
    nulls.present.add(name)
    if (isFilledUp) nulls.filledUp.add(name)
  }
  for (const child of node.Plans ?? []) lookAt(child, isFilledUp || isOuterSide(node, child), nulls)
}

function isOuterSide(join: PlanNode, child: PlanNode): boolean {
  if (join['Join Type'] === 'Full') return true
  return child['Parent Relationship'] === { Left: 'Inner', Right: 'Outer' }[join['Join Type'] ?? '']
}

/** The NOT NULL columns among the fields, each with the relations that may have its rows: the table and its parts. */
async function notNullColumns(client: pg.ClientBase, fields: readonly pg.FieldDef[]): Promise<Map<string, string[]>> {
  const { rows } = await client.query(
    `with recursive parts as (
      select distinct unnest($1::oid[]) as root, unnest($1::oid[]) as part
      union
      select root, inhrelid
      from parts
      join pg_inherits on inhparent = part
    )
    select
      attrelid::text as relation,
      attnum::text as attribute,
      array_to_json(array(
        select relnamespace::regnamespace::text || '.' || relname
        from parts
        join pg_class as part_class on part_class.oid = part
        where root = attrelid
      ))::text as relations
    from pg_attribute
    join pg_class on pg_class.oid = attrelid
    where attrelid = any ($1::oid[])
      and attnotnull
      and relkind in ('r', 'p')
      and not exists (
        select
        from pg_constraint
        where conrelid = attrelid
          and contype = 'n'
          and conkey = array[attnum]
          and not convalidated
      )`,
    [[...new Set(fields.map(({ tableID }) => tableID))]],
  )
  return new Map(
    rows.map((row) => [
      `${row.relation}.${row.attribute}`,
      typeof row.relations === 'string' ? JSON.parse(row.relations) : row.relations,
    ]),
  )
}

const isKept = (relations: readonly string[] | undefined, { filledUp, present }: Nulls): boolean =>
  relations?.some((relation) => present.has(relation)) === true && !relations.some((relation) => filledUp.has(relation))

const constant = /, (?:'(?:[^']|'')*'(?:::[a-z ]+)?|-?\d+(?:\.\d+)?|true|false)\)$/

/**
 * Whether an expression of the plan's output always has a value. What is computed further down stands in parentheses: an
 * outer join may have filled it up.
 */
function isValue(expression: string, { filledUp }: Nulls): boolean {
  const isFromBelow = expression.startsWith('(')
  if (isFromBelow && filledUp.size > 0) return false
  const bare = isFromBelow ? expression.replace(/^\((.*)\)(?:::[a-z ]+)?$/, '$1') : expression
  if (/^count\(/i.test(bare)) return isOneCall(bare.replace(/ FILTER \(.*\)$/, ''))
  return /^COALESCE\(/.test(bare) && constant.test(bare) && isOneCall(bare)
}

/** Whether the parenthesis that opens the call closes at the end, apart from those in quotes. */
function isOneCall(call: string): boolean {
  const bare = call.replaceAll(/'(?:[^']|'')*'|"[^"]*"/g, '')
  let depth = 0
  for (let place = 0; place < bare.length; place++) {
    if (bare[place] === '(') depth++
    if (bare[place] === ')' && --depth === 0) return place === bare.length - 1
  }
  return false
}
