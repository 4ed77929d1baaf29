import type pg from 'pg'
import type { Lease } from '../lease.ts'
import { leaseMilliseconds } from '../lease-time.ts'
import { prolongLease } from '../schema/consumers.ts'

/** Prolongs the lease. Returns false if it is lost. */
export const renewLease = (client: pg.ClientBase, lease: Lease): Promise<boolean> =>
  prolongLease(client, lease, leaseMilliseconds)

/** What renews a lease. */
export interface Keeping {
  /** Whether a renewal has found that somebody else has taken it. An apply finds out by itself; while no event comes, nothing else does. */
  readonly isLost: boolean
  stop(): void
}

/** Renews the lease while a page, a rebuild or an idle time lasts longer than a third of it. */
export function keepLease(client: pg.ClientBase, lease: Lease): Keeping {
  let isUnderWay = false
  let isLost = false
  const renew = async () => {
    if (isUnderWay) return // the connection is busy for longer than that
    isUnderWay = true
    isLost = !(await renewLease(client, lease).catch(() => true)) // a connection that broke ends the next apply
    isUnderWay = false
  }
  const timer = setInterval(renew, leaseMilliseconds / 3)
  return {
    get isLost() {
      return isLost
    },
    stop: () => clearInterval(timer),
  }
}
