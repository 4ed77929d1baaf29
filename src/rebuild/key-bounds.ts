import type pg from 'pg'
import { inTransaction } from '../database.ts'
import { definitionCost, type PlanCost, planCost } from '../definition/plan-cost.ts'
import { type Column, type Definition, definitionSource } from '../definition.ts'
import { keyColumnsSql, rangePart } from '../query.ts'
import type { KeyBound } from '../schema/range-snapshots.ts'
import { quoteIdent } from '../sql.ts'

/**
 * All ranges together may cost as much as reading the definition so many times: rows of one range are looked up in the
 * tables that are joined, where the whole is merged or hashed.
 */
const rangesCost = 4

/**
 * Settings of the sessions that read ranges. The rows of a range lie side by side in most indexes, so looking one up reads
 * no page: with the planner's default it would scan the joined tables for each range (measured with 1M orders
 * and 3M lines: 1.1 s instead of 0.1 s for 20,000 rows). Compiling a statement of half a second does not pay.
 */
export const rangeSettings = { random_page_cost: '0.1', max_parallel_workers_per_gather: '0', jit: 'off' }

const withRangeSettings = <T>(client: pg.ClientBase, work: () => Promise<T>): Promise<T> =>
  inTransaction(client, async () => {
    for (const [name, value] of Object.entries(rangeSettings))
      await client.query('select set_config($1, $2, true)', [name, value])
    return work()
  })

/** Finds where key ranges of a definition end. */
export class KeyBounds {
  /** The columns of the bounds: the first of the key. */
  readonly key: readonly Column[]
  private readonly client: pg.ClientBase
  private readonly definition: Definition
  private readonly source: string

  private constructor(client: pg.ClientBase, definition: Definition, { key, source }: Source) {
    this.client = client
    this.definition = definition
    this.key = key
    this.source = source
  }

  static async of(client: pg.ClientBase, definition: Definition): Promise<KeyBounds> {
    return new KeyBounds(client, definition, await sourceOf(client, definition))
  }

  /** The key with which a range of about `limit` rows ends; undefined if fewer follow. */
  async next(after: KeyBound | undefined, limit: number): Promise<KeyBound | undefined> {
    const { text, values } = this.lookUp(after, limit)
    const { rows } = await this.client.query({ text, values, rowMode: 'array' })
    const [bound] = rows as (string | null)[][]
    return bound?.every((value) => value !== null) ? (bound as string[]) : undefined
  }

  /**
   * Whether the planner pushes the range into the definition: a window over all rows, for one, would be computed wholly for
   * each range.
   *
   * @param whole what the planner expects of the whole definition
   * @param first where the first range of `limit` rows ends
   */
  async areCheap(whole: PlanCost, first: KeyBound, limit: number): Promise<boolean> {
    const { client, definition, key } = this
    const { text, values } = this.lookUp(undefined, limit)
    const lookUp = await planCost(client, text, values)
    const range = await withRangeSettings(client, () =>
      definitionCost(client, definition, rangePart(key, { after: undefined, upTo: first })),
    )
    const ranges = Math.max(2, whole.rows / limit)
    return (range.cost + lookUp.cost) * ranges <= rangesCost * whole.cost
  }

  private lookUp(after: KeyBound | undefined, limit: number): { text: string; values: string[] } {
    const { condition, values } = rangePart(this.key, { after, upTo: undefined })
    const text = `
      select ${this.key.map(({ name }, place) => `${quoteIdent(name)}::text as trifold_bound_${place}`).join(', ')}
      from ${this.source}
      where ${condition}
      order by ${keyColumnsSql({ key: [...this.key] })}
      offset ${limit - 1}
      limit 1`
    return { text, values: [...values] }
  }
}

/** Where bounds are looked up: something that has the first columns of the key. */
interface Source {
  key: readonly Column[]
  source: string
}

/**
 * The table that the first column of the key comes from, with those that follow it in the key and come from the same: its
 * index has the bounds. PostgreSQL says so with the answer. A column that is computed comes from none: then the
 * definition itself.
 */
async function sourceOf(client: pg.ClientBase, definition: Definition): Promise<Source> {
  const names = definition.key.map(({ name }) => quoteIdent(name))
  const { fields } = await client.query(
    `select ${names.join(', ')} from ${definitionSource(definition)} as source limit 0`,
  )
  const table = fields[0]?.tableID ?? 0
  if (table === 0) return { key: definition.key, source: `${definitionSource(definition)} as source` }
  const other = fields.findIndex(({ tableID }) => tableID !== table)
  const key = definition.key.slice(0, other === -1 ? undefined : other)
  const columns = await columnsOf(client, table, fields.slice(0, key.length))
  const list = columns.columns.map((column, place) => `${column} as ${names[place]}`)
  return { key, source: `(select ${list.join(', ')} from ${columns.table}) as source` }
}

async function columnsOf(
  client: pg.ClientBase,
  table: number,
  fields: readonly pg.FieldDef[],
): Promise<{ table: string; columns: string[] }> {
  const { rows } = await client.query(
    `select
      attrelid::regclass::text as table,
      quote_ident(attname) as column
    from unnest($2::integer[]) with ordinality as wanted (number, place)
    join pg_attribute on attrelid = $1::oid and attnum = number
    order by place`,
    [table, fields.map(({ columnID }) => columnID)],
  )
  return { table: rows[0].table, columns: rows.map(({ column }) => column) }
}
