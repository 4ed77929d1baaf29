import { createOutbox } from 'trifold'
import { z } from 'zod'

/** The write side of Trifold, the same for every ORM: it holds no connection. */
export const outbox = createOutbox({ OrderPlaced: z.object({ orderId: z.int(), customer: z.string() }) })

/** A row of the outbox, as the examples read it. */
export interface OutboxRow {
  type: string
  aggregate: string
  payload: unknown
}

/** What every example returns: the token of its commit, and the outbox after it. */
export interface Placed {
  commit: string
  events: OutboxRow[]
}
