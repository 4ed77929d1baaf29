import { OptimisticLockError } from '@mikro-orm/core'
import type { EntityManager } from '@mikro-orm/postgresql'
import { type CommitToken, mikroOrmExecutor, type NewEvent, type Outbox } from 'trifold'
import { Customer } from './entities/customer.ts'
import { Order } from './entities/order.ts'
import { Product } from './entities/product.ts'
import { ShopError } from './errors.ts'
import type { ShopEvents } from './events.ts'
import { collectChanged, type Fact, takeFacts } from './facts.ts'
import type { ShopOrm } from './orm.ts'
import { outbox as shopOutbox } from './outbox.ts'

/**
 * Runs `work` as one unit of work in one transaction: what it changed is flushed, then the facts that its entities
 * recorded are appended to the outbox as events, then the transaction commits. If any of it fails, nothing happened.
 *
 * @param outbox default: the shop's own
 * @returns what `work` returned, and the commit token of the transaction
 * @throws ShopError ORDER_CHANGED where another unit of work changed an entity in between
 */
export async function unitOfWork<Result>(
  orm: ShopOrm,
  work: (em: EntityManager) => Promise<Result>,
  outbox: Outbox<ShopEvents> = shopOutbox,
): Promise<{ result: Result; commit: CommitToken }> {
  try {
    return await orm.em.fork().transactional(async (em) => {
      const changed = new Set<object>()
      const result = await collectChanged(changed, () => work(em as EntityManager))
      await em.flush()
      // What was changed before the unit of work, and only stored in it, has facts too.
      for (const entity of em.getUnitOfWork().getIdentityMap().values()) changed.add(entity)
      const events = takeFacts(changed).map(eventOf)
      return { result, commit: await outbox.append(mikroOrmExecutor(em as EntityManager), events) }
    })
  } catch (cause) {
    if (!(cause instanceof OptimisticLockError)) throw cause
    throw new ShopError('ORDER_CHANGED', 'somebody else changed the same rows meanwhile; load them again and repeat', {
      cause,
    })
  }
}

/** Called after the flush, when every entity has its id. */
function eventOf({ entity, fact }: { entity: object; fact: Fact }): NewEvent<ShopEvents> {
  const { id } = entity as { id: number }
  const kind = kindOf(entity)
  const payload = { [`${kind}Id`]: id, ...fact.values }
  return { type: fact.type, aggregate: `${kind}:${id}`, payload } as NewEvent<ShopEvents>
}

function kindOf(entity: object): 'customer' | 'order' | 'product' {
  if (entity instanceof Order) return 'order'
  if (entity instanceof Product) return 'product'
  if (entity instanceof Customer) return 'customer'
  throw new Error(`${entity.constructor.name} is no aggregate and cannot tell facts`)
}
