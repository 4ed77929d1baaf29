import type pg from 'pg'
import type { Lease } from '../lease.ts'
import { leaseMilliseconds } from '../lease-time.ts'
import { prolongLease } from '../schema/consumers.ts'

/** Prolongs the lease. Returns false if it is lost. */
export const renewLease = (client: pg.ClientBase, lease: Lease): Promise<boolean> =>
  prolongLease(client, lease, leaseMilliseconds)

/** Renews the lease while a page, a rebuild or an idle time lasts longer than a third of it. */
export function keepLease(client: pg.ClientBase, lease: Lease): { stop(): void } {
  const timer = setInterval(() => {
    renewLease(client, lease).catch(() => {}) // the next apply finds out
  }, leaseMilliseconds / 3)
  return { stop: () => clearInterval(timer) }
}
