import type pg from 'pg'

/** A table of the write model that a plan reads. */
export interface Scanned {
  schema: string
  name: string
  alias: string
  /** The condition of a sequential scan; undefined where every row is wanted, or an index is used. */
  filter: string | undefined
}

export interface Plan {
  /** Indexes used. */
  indexes: string[]
  /** Tables that are read from end to end. */
  scans: Scanned[]
  /** Every table that is read. */
  tables: Scanned[]
}

interface Node {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  Schema?: string
  Alias?: string
  Filter?: string
  Plans?: Node[]
}

/** What PostgreSQL would do for a statement; nothing is run. `client` gives values as text. */
export async function readPlan(
  client: Pick<pg.ClientBase, 'query'>,
  statement: { text: string; values: unknown[] },
): Promise<Plan> {
  const { rows } = await client.query(`explain (verbose, format json)\n${statement.text}`, statement.values)
  const [{ Plan: root }] = JSON.parse(rows[0]['QUERY PLAN']) as [{ Plan: Node }]
  const nodes = flatten(root)
  const tables = nodes.filter((node) => node['Relation Name']).map(scannedOf)
  return {
    indexes: [...new Set(nodes.flatMap((node) => node['Index Name'] ?? []))],
    scans: unique(nodes.filter((node) => node['Node Type'] === 'Seq Scan').map(scannedOf)),
    tables: unique(tables),
  }
}

const flatten = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(flatten)]

const scannedOf = (node: Node): Scanned => ({
  schema: node.Schema ?? 'public',
  name: node['Relation Name'] as string,
  alias: node.Alias ?? (node['Relation Name'] as string),
  filter: node.Filter,
})

const unique = (scanned: readonly Scanned[]): Scanned[] => [
  ...new Map(scanned.map((one) => [`${one.schema}.${one.name}`, one])).values(),
]
