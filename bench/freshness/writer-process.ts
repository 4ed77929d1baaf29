// Writers in a process of their own: single-event transactions at a given rate, in Poisson intervals, over 8 connections.

import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { createOutbox } from '../../src/outbox.ts'
import { answerParent, childArguments } from '../child.ts'
import { orderEvents } from '../orders.ts'
import { clock } from './clock.ts'

export interface WriterArguments {
  database: string
}

export interface WriteRequest {
  /** Orders `from` to `from + count - 1` are paid, each in a transaction of its own. */
  from: number
  count: number
  /** Events a second. */
  rate: number
}

/** When the commit of each event was acknowledged, in milliseconds of {@link clock}, in order of the orders' numbers. */
export type WriteAnswer = number[]

const connections = 8
const { database } = childArguments<WriterArguments>()
const outbox = createOutbox(orderEvents)
const clients = Array.from({ length: connections }, () => new pg.Client({ connectionString: database }))
await Promise.all(clients.map((client) => client.connect()))

answerParent(write, async () => {
  await Promise.all(clients.map((client) => client.end()))
})

async function write({ from, count, rate }: WriteRequest): Promise<WriteAnswer> {
  const due = arrivals(count, rate)
  const committed: number[] = new Array(count)
  let next = 0
  const writer = async (client: pg.Client) => {
    for (let place = next++; place < count; place = next++) {
      await until(due[place] as number)
      await pay(client, from + place)
      committed[place] = clock()
    }
  }
  await Promise.all(clients.map(writer))
  return committed
}

function arrivals(count: number, rate: number): number[] {
  let at = clock()
  return Array.from({ length: count }, () => {
    at += (-Math.log(1 - Math.random()) / rate) * 1000
    return at
  })
}

/** A timer is good for a millisecond. Nothing spins: a core that waits busily is one that the engines lack. */
async function until(moment: number): Promise<void> {
  const left = moment - clock()
  if (left > 0) await sleep(left)
}

/** One statement outside of a transaction block: PostgreSQL makes a transaction of it. No row is written, so none is needed. */
async function pay(client: pg.Client, orderId: number): Promise<void> {
  const payload = { orderId, status: 'paid', statusLabel: 'Paid', lastUpdate: new Date().toISOString() }
  const executor = { query: (text: string, params?: unknown[]) => client.query(text, params) }
  await outbox.append(executor, [{ type: 'OrderPaid', aggregate: `order:${orderId}`, payload }])
}
