import { AsyncLocalStorage } from 'node:async_hooks'
import { type CommitToken, createOutbox, type EventRegistry, type Outbox } from '../outbox.ts'
import { pause } from '../pause.ts'
import { clock } from './clock.ts'
import type { TransactionSample } from './comparison.ts'
import { failed } from './failure.ts'
import type { LoadLimits } from './limits.ts'
import type { OpenWorkload } from './workload.ts'

/** What the appends of one transaction took. */
interface Appending {
  milliseconds: number
  events: number
}

const appending = new AsyncLocalStorage<Appending>()

/** An outbox that times its appends, each for the transaction that it is called in. */
export function timedOutbox(registry: EventRegistry): Outbox<EventRegistry> {
  const outbox = createOutbox(registry)
  return {
    token: outbox.token,
    async append(executor, events) {
      const started = clock()
      await outbox.append(executor, events)
      const transaction = appending.getStore()
      if (!transaction) return
      transaction.milliseconds += clock() - started
      transaction.events += events.length
    },
  }
}

/** What was written. */
export interface Written {
  transactions: TransactionSample[]
  /** Transactions a second that were reached. */
  reached: number
  seconds: number
}

/** At most so many transactions at once: where they take longer than the rate allows, the rate is not reached. */
const mostAtOnce = 16

/**
 * Begins transactions at an even rate, whether or not those before have ended, and waits for the last.
 *
 * @param started when the load begins, by {@link clock}
 * @param onCommit called right after each commit
 * @throws COMPARE_FAILED where a transaction fails
 */
export async function runLoad(
  workload: OpenWorkload,
  { rate, seconds }: LoadLimits,
  started: number,
  signal: AbortSignal,
  onCommit: (token: CommitToken, at: number) => void,
): Promise<Written> {
  const transactions: TransactionSample[] = []
  const running = new Set<Promise<void>>()
  const stopped = new AbortController()
  const either = AbortSignal.any([signal, stopped.signal])
  let failure: unknown
  for (let place = 0; place < rate * seconds && !either.aborted; place++) {
    await until(started + (place * 1_000) / rate, either)
    while (running.size >= mostAtOnce) await Promise.race(running)
    if (either.aborted || clock() - started > seconds * 1_000) break
    const one = runTransaction(workload, started, onCommit)
      .then((sample) => sample && void transactions.push(sample))
      .catch((error) => {
        failure ??= error
        stopped.abort()
      })
      .finally(() => running.delete(one))
    running.add(one)
  }
  await Promise.all(running)
  if (failure) throw failed(`a transaction of the workload failed: ${(failure as Error).message}`, failure)
  signal.throwIfAborted()
  const took = (clock() - started) / 1_000
  transactions.sort((a, b) => a.at - b.at)
  return { transactions, reached: transactions.length / Math.max(took, seconds), seconds: took }
}

/** Runs transactions that are no samples, one after the other: connections and statements are there afterwards. */
export async function warmUp(workload: OpenWorkload, count: number, signal: AbortSignal): Promise<void> {
  for (let place = 0; place < count && !signal.aborted; place++) {
    await workload.transaction().catch((error: Error) => {
      throw failed(`a transaction of the workload failed: ${error.message}`, error)
    })
  }
  signal.throwIfAborted()
}

async function runTransaction(
  workload: OpenWorkload,
  started: number,
  onCommit: (token: CommitToken, at: number) => void,
): Promise<TransactionSample | undefined> {
  const append: Appending = { milliseconds: 0, events: 0 }
  const begun = clock()
  const token = await appending.run(append, () => workload.transaction())
  if (token === undefined) return undefined
  const committed = clock()
  const at = (committed - started) / 1_000
  onCommit(token, at)
  return { at, total: committed - begun, append: append.milliseconds, events: append.events }
}

async function until(moment: number, signal: AbortSignal): Promise<void> {
  const left = moment - clock()
  if (left > 1) await pause(left, signal)
}
