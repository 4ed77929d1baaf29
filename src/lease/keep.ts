import type pg from 'pg'
import type { Lease } from '../lease.ts'
import { leaseMilliseconds } from './time.ts'

/** Prolongs the lease. Returns false if it is lost. */
export async function renewLease(client: pg.ClientBase, lease: Lease): Promise<boolean> {
  const { rowCount } = await client.query({
    name: 'trifold_renew_lease',
    text: `
      update trifold.consumers
      set lease_until = clock_timestamp() + $3::bigint * interval '1 millisecond'
      where generation_id = $1::bigint
        and epoch = $2::bigint`,
    values: [lease.generation.id, lease.epoch, leaseMilliseconds],
  })
  return rowCount === 1
}

/** Renews the lease while a page, a rebuild or an idle time lasts longer than a third of it. */
export function keepLease(client: pg.ClientBase, lease: Lease): { stop(): void } {
  const timer = setInterval(() => {
    renewLease(client, lease).catch(() => {}) // the next apply finds out
  }, leaseMilliseconds / 3)
  return { stop: () => clearInterval(timer) }
}

/** Gives the lease back, so that the next consumer need not wait for it to run out. */
export async function releaseLease(client: pg.ClientBase, lease: Lease): Promise<void> {
  await client.query(
    `update trifold.consumers
    set lease_until = '-infinity', owner = null, backend_pid = null, backend_start = null
    where generation_id = $1
      and epoch = $2`,
    [lease.generation.id, lease.epoch],
  )
}
