import { resolveDefinition } from '../definition/resolution.ts'
import type { Column } from '../definition.ts'
import type { TargetContext } from '../materializer.ts'
import type { Generation, PlanDependent } from '../schema/generations.ts'

/**
 * The columns that are compared: all but those whose values depend on the plan. A key does not, as far as it is one. Of a
 * generation that an earlier version built they are looked up.
 */
export async function comparedColumns(
  context: TargetContext,
  { resolution }: Generation,
): Promise<{ columns: Column[]; leftOut: PlanDependent[] }> {
  const { columns, key } = context.definition
  const dependent = resolution.planDependent ?? (await lookUp(context))
  const leftOut = dependent.filter(({ column }) => !key.some(({ name }) => name === column))
  return { columns: columns.filter(({ name }) => !leftOut.some(({ column }) => column === name)), leftOut }
}

async function lookUp({ pool, definition }: TargetContext): Promise<PlanDependent[]> {
  const client = await pool.connect()
  try {
    return (await resolveDefinition(client, definition.sql)).resolution.planDependent ?? []
  } finally {
    client.release()
  }
}
