import pg from 'pg'
import { scheduled } from '../../src/testing/feeds.ts'
import { openToolkit } from '../../src/toolkit.ts'
import { type OrderSetup, orderConfig } from '../orders.ts'

/** Something that goes on while the lag is measured; the promise ends soon after the signal aborts. */
export type Disturbance = (signal: AbortSignal) => Promise<void>

export const none: Disturbance = async () => {}

/** `REFRESH MATERIALIZED VIEW CONCURRENTLY` of the read model's view, one after the other. */
export function refreshing(setup: OrderSetup): Disturbance {
  return async (signal) => {
    const toolkit = await openToolkit(orderConfig(setup))
    try {
      const view = scheduled(toolkit.target('order_summary@view'))
      while (!signal.aborted) await view.refresh({ signal }).catch(ignoreAbort(signal))
    } finally {
      await toolkit.close()
    }
  }
}

/** A SELECT that keeps one backend as busy as the refresh does: it reads and compares the same rows. */
export function selecting(database: string): Disturbance {
  return (signal) =>
    withClient(database, async (client) => {
      const { rows } = await client.query('select pg_backend_pid() as pid')
      signal.addEventListener('abort', () => void cancel(database, rows[0].pid), { once: true })
      while (!signal.aborted) {
        await client
          .query('select count(*) from (select distinct * from public.bench_orders offset 0) as orders')
          .catch(ignoreAbort(signal))
      }
    })
}

/** A transaction that has appended an event and stays open until the end. */
export function holding(database: string): Disturbance {
  return (signal) =>
    withClient(database, async (client) => {
      await client.query('begin')
      await client.query(`
        insert into trifold.outbox (era, type, aggregate, payload)
        values (1, 'OrderHeld', 'order:0', '{}')`)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
      await client.query('rollback')
    })
}

async function withClient(database: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: database })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

const cancel = (database: string, pid: number): Promise<void> =>
  withClient(database, async (client) => {
    await client.query('select pg_cancel_backend($1)', [pid])
  })

function ignoreAbort(signal: AbortSignal): (error: unknown) => void {
  return (error) => {
    if (!signal.aborted) throw error
  }
}
