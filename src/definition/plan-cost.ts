import type pg from 'pg'
import type { Definition } from '../definition.ts'
import { columnList, fromSource, type Part } from './rows.ts'

/** What the planner expects of a statement. */
export interface PlanCost {
  /** In the planner's units. */
  cost: number
  rows: number
}

const wholly: Part = { condition: 'true', values: [] }

/** What the planner expects of reading a part of a definition; default all of it. */
export const definitionCost = (
  client: Pick<pg.ClientBase, 'query'>,
  definition: Definition,
  { condition, values }: Part = wholly,
): Promise<PlanCost> =>
  planCost(
    client,
    `select ${columnList(definition)}
    from ${fromSource({ definition })}
    where ${condition}`,
    values,
  )

/** What the planner expects of a statement. It is not run. */
export async function planCost(
  client: Pick<pg.ClientBase, 'query'>,
  statement: string,
  values: readonly string[],
): Promise<PlanCost> {
  const { rows } = await client.query(`explain (format json) ${statement}`, [...values])
  const shown = rows[0]['QUERY PLAN']
  const plans = typeof shown === 'string' ? JSON.parse(shown) : shown
  return { cost: plans[0].Plan['Total Cost'], rows: plans[0].Plan['Plan Rows'] }
}
