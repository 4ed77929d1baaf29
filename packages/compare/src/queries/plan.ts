import type pg from 'pg'

/** A table of the write model that a plan reads. */
export interface Scanned {
  schema: string
  name: string
  alias: string
  /** Whether it is read from end to end. */
  whole: boolean
  /** What is asked of its rows, as PostgreSQL writes it; empty if every row is wanted. */
  condition: string
}

export interface Plan {
  /** Indexes used. */
  indexes: string[]
  /** Every reading of a table. */
  tables: Scanned[]
  /** By what the topmost sort sorts, as PostgreSQL writes it: `tickets.opened_at DESC`. */
  order: string[]
}

interface Node {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  Schema?: string
  Alias?: string
  Filter?: string
  'Index Cond'?: string
  'Recheck Cond'?: string
  'Sort Key'?: string[]
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
  return {
    indexes: [...new Set(nodes.flatMap((node) => node['Index Name'] ?? []))],
    tables: nodes.filter((node) => node['Relation Name']).map(scannedOf),
    order: nodes.find((node) => node['Sort Key'])?.['Sort Key'] ?? [],
  }
}

const flatten = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(flatten)]

const scannedOf = (node: Node): Scanned => ({
  schema: node.Schema ?? 'public',
  name: node['Relation Name'] as string,
  alias: node.Alias ?? (node['Relation Name'] as string),
  whole: node['Node Type'] === 'Seq Scan',
  condition: [node['Index Cond'], node['Recheck Cond'], node.Filter].filter(Boolean).join(' AND '),
})
