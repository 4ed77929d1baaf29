import pg from 'pg'
import { createOutbox } from '../../src/outbox.ts'
import type { BenchContext } from '../bench.ts'
import { type Figure, figureOf, type Goal } from '../figure.ts'
import { createOrders, orderEvents, settle } from '../orders.ts'
import { type ClosedLoop, closedLoop } from './closed-loop.ts'

const writers = 8
const orders = 100_000
const outbox = createOutbox(orderEvents)

/**
 * The barest writer: a transaction of one update, with an event, without, and with one more statement that does nothing:
 * a round trip is the least that an event can cost.
 */
export async function appendToUpdates({ options, createDatabase, log }: BenchContext): Promise<Figure[]> {
  const database = await createDatabase('bench_append_updates')
  await createOrders(database.pool, database.url, orders)
  await settle(database.pool)
  const clients = Array.from({ length: writers }, () => new pg.Client({ connectionString: database.url }))
  await Promise.all(clients.map((client) => client.connect()))
  const write = (extra: Extra) => (writer: number) => pay(clients[writer] as pg.Client, extra)
  try {
    const seconds = Math.min(options.seconds, 8)
    await closedLoop(writers, 1, write('event')) // the compiler's and the caches' part
    const rounds: Record<Extra, ClosedLoop>[] = []
    for (let round = 0; round < options.rounds; round++) {
      const nothing = await closedLoop(writers, seconds, write('nothing'))
      const statement = await closedLoop(writers, seconds, write('statement'))
      const event = await closedLoop(writers, seconds, write('event'))
      const rates = [event, statement, nothing].map(({ rate }) => Math.round(rate))
      log(`one update: ${rates[0]}/s with append, ${rates[1]}/s with one more statement, ${rates[2]}/s alone`)
      rounds.push({ nothing, statement, event })
    }
    return [
      against(rounds, 'statement', 'one more statement', { of: 'ratio', atLeast: 0.9 }),
      against(rounds, 'nothing', 'without append'),
    ]
  } finally {
    await Promise.all(clients.map((client) => client.end()))
  }
}

/** What the transaction does besides its update. */
type Extra = 'nothing' | 'statement' | 'event'

function against(rounds: Record<Extra, ClosedLoop>[], control: Extra, name: string, goal?: Goal): Figure {
  return figureOf({
    bench: 'append',
    name: 'a transaction of one update: throughput',
    unit: 'transactions/s',
    rounds: rounds.map(({ event }) => event.rate),
    control: { name, rounds: rounds.map((round) => round[control].rate) },
    ...(goal && { goal }),
  })
}

async function pay(client: pg.Client, extra: Extra): Promise<void> {
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
  if (extra === 'statement') await client.query('select 1')
  if (extra === 'event') await outbox.append(client, [{ type: 'OrderPaid', aggregate: `order:${orderId}`, payload }])
  await client.query('commit')
}
