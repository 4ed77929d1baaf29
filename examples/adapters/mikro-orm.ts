import { EntitySchema, MikroORM } from '@mikro-orm/postgresql'
import { mikroOrmExecutor } from 'trifold'
import { type OutboxRow, outbox, type Placed } from './events.ts'

const Order = new EntitySchema<{ id: number; customer: string }>({
  name: 'Order',
  tableName: 'orders',
  properties: { id: { type: 'integer', primary: true }, customer: { type: 'text' } },
})

/** Places an order with MikroORM: the row, its event and the token in one transaction. */
export async function placeOrder(databaseUrl: string, id: number, customer: string): Promise<Placed> {
  const orm = await MikroORM.init({ clientUrl: databaseUrl, entities: [Order] })
  try {
    const commit = await orm.em.fork().transactional(async (em) => {
      em.create(Order, { id, customer })
      await em.flush()
      const payload = { orderId: id, customer }
      return outbox.append(mikroOrmExecutor(em), { type: 'OrderPlaced', aggregate: `order:${id}`, payload })
    })
    const select = 'select type, aggregate, payload from trifold.outbox order by position'
    return { commit, events: await orm.em.getConnection().execute<OutboxRow[]>(select) }
  } finally {
    await orm.close(true)
  }
}
