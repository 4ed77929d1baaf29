import type pg from 'pg'
import type { Lease } from '../lease.ts'
import { leaseMilliseconds } from '../lease-time.ts'
import { prolongLease } from '../schema/consumers.ts'

/** Prolongs the lease. Returns false if it is lost. */
export const renewLease = (client: pg.ClientBase, lease: Lease): Promise<boolean> =>
  prolongLease(client, lease, leaseMilliseconds)

/** Renews the lease while a page, a rebuild or an idle time lasts longer than a third of it. */
export function keepLease(client: pg.ClientBase, lease: Lease): { stop(): void } {
  let isUnderWay = false
  const renew = async () => {
    if (isUnderWay) return // the connection is busy for longer than that
    isUnderWay = true
    await renewLease(client, lease).catch(() => {}) // the next apply finds out
    isUnderWay = false
  }
  const timer = setInterval(renew, leaseMilliseconds / 3)
  return { stop: () => clearInterval(timer) }
}
