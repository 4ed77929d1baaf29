import type pg from 'pg'
import { inTransaction } from '../database.ts'
import type { TargetContext } from '../materializer.ts'
import type { ReadModel } from '../read-model.ts'
import { upsertServing } from '../schema/serving.ts'
import { type PointOptions, pointFacade } from './point.ts'

/** The materializers whose rows are read in SQL. */
export type SqlMaterializer = 'table' | 'view'

/** What the names need to know of a target. */
export type NamedTarget = Pick<TargetContext, 'target' | 'name' | 'model' | 'definition' | 'schema'>

/** The name of a target in SQL: `order_summary__view` for `order_summary@view`. */
export const targetName = (target: string): string => target.replace('@', '__')

/** The materializer behind the serving name if nobody has chosen one: `serve`, else the first of table, view. */
export const servedByDefault = (model: Pick<ReadModel, 'serve' | 'targets'>): SqlMaterializer =>
  model.serve ?? (model.targets.table ? 'table' : 'view')

/**
 * Points the names of a target at one of its relations: its own name in one transaction with `alongside` (the caller's
 * change of state), then the serving name in another, so that no reader of one name waits for readers of the other.
 *
 * @throws FACADE_TAKEN, FACADE_DEPENDED, FACADE_BUSY
 */
export async function pointNames(
  client: pg.ClientBase,
  context: NamedTarget,
  relation: string,
  options: PointOptions & { alongside?: () => Promise<unknown> } = {},
): Promise<void> {
  const facade = { schema: context.schema, relation, columns: context.definition.columns.map((column) => column.name) }
  await inTransaction(client, async () => {
    await pointFacade(client, { ...facade, name: targetName(context.target) }, options)
    await options.alongside?.()
  })
  if ((await servingTarget(client, context)) !== context.target) return
  await inTransaction(client, () => pointFacade(client, { ...facade, name: context.name }, options))
}

/**
 * The target behind the serving name. A `serve` in the configuration decides; without one the choice that was stored
 * before stays, as long as that target is still configured.
 */
export const servingTarget = (client: pg.ClientBase | pg.Pool, context: NamedTarget): Promise<string> =>
  upsertServing(client, {
    readModel: context.name,
    target: `${context.name}@${servedByDefault(context.model)}`,
    isChosen: context.model.serve !== undefined,
    configured: Object.keys(context.model.targets).map((materializer) => `${context.name}@${materializer}`),
  })
