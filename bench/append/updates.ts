import pg from 'pg'
import { createOutbox } from '../../src/outbox.ts'
import type { BenchContext } from '../bench.ts'
import { type Figure, figureOf } from '../figure.ts'
import { createOrders, orderEvents, settle } from '../orders.ts'
import { type ClosedLoop, closedLoop } from './closed-loop.ts'

const writers = 8
const orders = 100_000
const outbox = createOutbox(orderEvents)

/** The barest writer: a transaction of one update, with and without an event. Most of what it adds is a round trip. */
export async function appendToUpdates({ options, createDatabase, log }: BenchContext): Promise<Figure[]> {
  const database = await createDatabase('bench_append_updates')
  await createOrders(database.pool, database.url, orders)
  await settle(database.pool)
  const clients = Array.from({ length: writers }, () => new pg.Client({ connectionString: database.url }))
  await Promise.all(clients.map((client) => client.connect()))
  const write = (withEvent: boolean) => (writer: number) => pay(clients[writer] as pg.Client, withEvent)
  try {
    const seconds = Math.min(options.seconds, 8)
    const rounds: { full: ClosedLoop; bare: ClosedLoop }[] = []
    for (let round = 0; round < options.rounds; round++) {
      const bare = await closedLoop(writers, seconds, write(false))
      const full = await closedLoop(writers, seconds, write(true))
      log(`one update: ${Math.round(full.rate)}/s with append, ${Math.round(bare.rate)}/s without`)
      rounds.push({ full, bare })
    }
    return [
      figureOf({
        bench: 'append',
        name: 'a transaction of one update: throughput',
        unit: 'transactions/s',
        rounds: rounds.map(({ full }) => full.rate),
        control: { name: 'without append', rounds: rounds.map(({ bare }) => bare.rate) },
      }),
    ]
  } finally {
    await Promise.all(clients.map((client) => client.end()))
  }
}

async function pay(client: pg.Client, withEvent: boolean): Promise<void> {
  const orderId = 1 + Math.floor(Math.random() * orders)
  const lastUpdate = new Date().toISOString()
  await client.query('begin')
  await client.query({
    name: 'pay',
    text: `
      update public.bench_orders
      set status = 'paid', status_label = 'Paid', last_update = $2::timestamptz
      where order_id = $1::bigint`,
    values: [orderId, lastUpdate],
  })
  const payload = { orderId, status: 'paid', statusLabel: 'Paid', lastUpdate }
  if (withEvent) await outbox.append(client, [{ type: 'OrderPaid', aggregate: `order:${orderId}`, payload }])
  await client.query('commit')
}
