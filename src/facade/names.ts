import type pg from 'pg'
import { inTransaction } from '../database.ts'
import type { TargetContext } from '../materializer.ts'
import type { ReadModel } from '../read-model.ts'
import { upsertServing } from '../schema/serving.ts'
import { targetNamed } from '../target.ts'
import { type PointOptions, pointFacade } from './point.ts'
import type { Facade } from './statements.ts'

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
  await inTransaction(client, async () => {
    await pointFacade(client, facadeOf(context, targetName(context.target), relation), options)
    await options.alongside?.()
  })
  await inTransaction(client, async () => {
    // It locks the row, so this waits for a switch of the read model, or the switch waits for this.
    if ((await servingTarget(client, context)) !== context.target) return
    await pointServingName(client, context, relation, options)
  })
}

/** Points the serving name at a relation, inside the caller's transaction. @throws as {@link pointNames} */
export const pointServingName = (
  client: pg.ClientBase,
  context: NamedTarget,
  relation: string,
  options?: PointOptions,
): Promise<void> => pointFacade(client, facadeOf(context, context.name, relation), options)

const facadeOf = ({ schema, definition }: NamedTarget, name: string, relation: string): Facade => ({
  schema,
  name,
  relation,
  columns: definition.columns.map((column) => column.name),
  comment: definition.description,
  comments: new Map(definition.columns.flatMap(({ name, description }) => (description ? [[name, description]] : []))),
})

/**
 * The target behind the serving name. The one that an operator has switched to decides, then a `serve` in the configuration;
 * without one the choice that was stored before stays, as long as that target is still configured.
 */
export const servingTarget = (client: pg.ClientBase | pg.Pool, context: NamedTarget): Promise<string> =>
  upsertServing(client, {
    readModel: context.name,
    target: targetNamed(context.name, servedByDefault(context.model)),
    isChosen: context.model.serve !== undefined,
    named: (['table', 'view'] as const)
      .filter((materializer) => context.model.targets[materializer])
      .map((materializer) => targetNamed(context.name, materializer)),
    unnamed: context.model.targets.search && targetNamed(context.name, 'search'),
  })
