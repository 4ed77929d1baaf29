import { OptimisticLockError } from '@mikro-orm/core'
import type { EntityManager } from '@mikro-orm/postgresql'
import { type CommitToken, mikroOrmExecutor, type NewEvent } from 'trifold'
import { Customer } from './entities/customer.ts'
import { Order } from './entities/order.ts'
import { Product } from './entities/product.ts'
import { ShopError } from './errors.ts'
import type { ShopEvents } from './events.ts'
import { type Fact, takeFacts } from './facts.ts'
import type { ShopOrm } from './orm.ts'
import { outbox } from './outbox.ts'

type Aggregate = Customer | Order | Product

/**
 * Runs `work` as one unit of work in one transaction: what it changed is flushed, then the facts that its entities
 * recorded are appended to the outbox as events, then the transaction commits. If any of it fails, nothing happened.
 *
 * @returns what `work` returned, and the commit token of the transaction
 * @throws ShopError ORDER_CHANGED where another unit of work changed an entity in between
 */
export async function unitOfWork<Result>(
  orm: ShopOrm,
  work: (em: EntityManager) => Promise<Result>,
): Promise<{ result: Result; commit: CommitToken }> {
  try {
    return await orm.em.fork().transactional(async (em) => {
      const result = await work(em as EntityManager)
      // Removed entities leave the identity map with the flush, so the aggregates are listed before it.
      const aggregates = aggregatesIn(em as EntityManager)
      await em.flush()
      const executor = mikroOrmExecutor(em as EntityManager)
      await outbox.append(executor, eventsOf(aggregates))
      return { result, commit: await outbox.token(executor) }
    })
  } catch (cause) {
    if (!(cause instanceof OptimisticLockError)) throw cause
    throw new ShopError('ORDER_CHANGED', 'somebody else changed the same rows meanwhile; load them again and repeat', {
      cause,
    })
  }
}

function aggregatesIn(em: EntityManager): Set<Aggregate> {
  const unit = em.getUnitOfWork()
  const all = [...unit.getIdentityMap().values(), ...unit.getPersistStack(), ...unit.getRemoveStack()]
  return new Set(all.filter(isAggregate))
}

function isAggregate(entity: unknown): entity is Aggregate {
  return entity instanceof Order || entity instanceof Product || entity instanceof Customer
}

function eventsOf(aggregates: Set<Aggregate>): NewEvent<ShopEvents>[] {
  const ids = new Map([...aggregates].map((aggregate) => [aggregate as object, aggregate.id]))
  return takeFacts(aggregates).map(({ entity, fact }) => eventOf(entity as Aggregate, fact, ids.get(entity) as number))
}

function eventOf(aggregate: Aggregate, fact: Fact, id: number): NewEvent<ShopEvents> {
  const kind = kindOf(aggregate)
  const payload = { [`${kind}Id`]: id, ...fact.values }
  return { type: fact.type, aggregate: `${kind}:${id}`, payload } as NewEvent<ShopEvents>
}

function kindOf(aggregate: Aggregate): 'customer' | 'order' | 'product' {
  if (aggregate instanceof Order) return 'order'
  return aggregate instanceof Product ? 'product' : 'customer'
}
