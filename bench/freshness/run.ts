import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, startChild } from '../child.ts'
import type { OrderSetup } from '../orders.ts'
import { clock } from './clock.ts'
import type { WorkerAnswer, WorkerArguments } from './worker-process.ts'
import type { WriteAnswer, WriteRequest, WriterArguments } from './writer-process.ts'

/** A writer and a worker that have started. */
export interface Processes {
  writer: Child
  worker: Child
  close(): Promise<void>
}

export async function startProcesses(setup: OrderSetup, target: string): Promise<Processes> {
  const worker = startChild(new URL('./worker-process.js', import.meta.url), {
    setup,
    target,
  } satisfies WorkerArguments)
  const writer = startChild(new URL('./writer-process.js', import.meta.url), {
    database: setup.database,
  } satisfies WriterArguments)
  return {
    writer,
    worker,
    async close() {
      await writer.close()
      await worker.close()
    },
  }
}

export interface Rate {
  /** Events a second. */
  rate: number
  seconds: number
}

/** Of each event the milliseconds between its commit and the moment from which it is visible. */
export type Lags = number[]

/** Events of this long are sent first and not counted. */
const warmUpSeconds = 1

/** How long after the last commit everything must be visible. */
const drainMilliseconds = 30_000

/**
 * Pays the orders from `from` on at a rate and asks `visible` when each was seen, until all were.
 *
 * @param visible the orders that were seen since the last call, with the time of {@link clock}
 * @throws where an event does not become visible
 */
export async function measureLags(
  writer: Child,
  from: number,
  { rate, seconds }: Rate,
  visible: () => Promise<Iterable<readonly [order: number, at: number]>>,
): Promise<Lags> {
  const warmUp = Math.round(rate * warmUpSeconds)
  const count = warmUp + Math.round(rate * seconds)
  const seen = new Map<number, number>()
  const look = async () => {
    for (const [order, at] of await visible()) if (!seen.has(order)) seen.set(order, at)
  }
  let committed: WriteAnswer | undefined
  const writing = writer.ask<WriteAnswer>({ from, count, rate } satisfies WriteRequest).then((answer) => {
    committed = answer
  })
  while (!committed) {
    await look()
    await Promise.race([writing, sleep(5)])
  }
  for (const end = clock() + drainMilliseconds; seen.size < count && clock() < end; await sleep(5)) await look()
  if (seen.size < count) throw new Error(`${count - seen.size} of ${count} events did not become visible`)
  return committed.map((at, place) => (seen.get(from + place) as number) - at).slice(warmUp)
}

/** What the worker's probe has seen; asked once a second is enough, as it notes the time itself. */
export function probeOf(worker: Child): () => Promise<[number, number][]> {
  let asked = clock()
  return async () => {
    if (clock() - asked < 500) return []
    asked = clock()
    const { applied } = await worker.ask<WorkerAnswer>({})
    return applied.map(([key, at]) => [Number(key), at])
  }
}
