import { typeOrmExecutor } from 'trifold'
import { DataSource, EntitySchema } from 'typeorm'
import { outbox, type Placed } from './events.ts'

const Order = new EntitySchema<{ id: number; customer: string }>({
  name: 'Order',
  tableName: 'orders',
  columns: { id: { type: 'integer', primary: true }, customer: { type: 'text' } },
})

/** Places an order with TypeORM: the row, its event and the token in one transaction. */
export async function placeOrder(databaseUrl: string, id: number, customer: string): Promise<Placed> {
  const source = await new DataSource({ type: 'postgres', url: databaseUrl, entities: [Order] }).initialize()
  try {
    const commit = await source.transaction(async (manager) => {
      await manager.insert(Order, { id, customer })
      const payload = { orderId: id, customer }
      return outbox.append(typeOrmExecutor(manager), { type: 'OrderPlaced', aggregate: `order:${id}`, payload })
    })
    const events = await source.query('select type, aggregate, payload from trifold.outbox order by position')
    return { commit, events }
  } finally {
    await source.destroy()
  }
}
