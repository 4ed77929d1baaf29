import { AsyncLocalStorage } from 'node:async_hooks'
import { type CommitToken, createOutbox, type EventRegistry, type Outbox } from 'trifold/internal/outbox'
import { parseToken } from 'trifold/internal/outbox/token'
import { pause } from 'trifold/internal/pause'
import { clock } from '../clock.ts'
import type { TransactionSample } from '../comparison.ts'
import type { LoadLimits } from '../limits.ts'
import type { OpenWorkload } from './workload.ts'

/** What the appends of one transaction took. */
interface Appending {
  milliseconds: number
  events: number
}

const appending = new AsyncLocalStorage<Appending>()

/** An outbox that times its appends, each for the transaction that it is called in. */
export function timedOutbox<Events extends EventRegistry>(registry: Events): Outbox<Events> {
  const outbox = createOutbox(registry)
  return {
    token: outbox.token,
    async append(executor, events) {
      const started = clock()
      const token = await outbox.append(executor, events)
      const transaction = appending.getStore()
      if (!transaction) return token
      transaction.milliseconds += clock() - started
      transaction.events += Array.isArray(events) ? events.length : 1
      return token
    },
  }
}

/** Called right after each commit. */
export type OnCommit = (token: CommitToken, sample: TransactionSample, committedAt: number) => void

/** At most so many transactions at once: if they take longer than the rate allows, the rate is not reached. */
const mostAtOnce = 16

/**
 * Begins transactions at an even rate, whether or not those before have ended, and waits for the last.
 *
 * @param since when the load begins, by {@link clock}
 * @returns the transactions a second that were reached, and how many seconds it took
 * @throws if a transaction fails, or returns something else than a commit token
 */
export async function runLoad(
  workload: OpenWorkload,
  { rate, seconds }: LoadLimits,
  since: number,
  signal: AbortSignal,
  onCommit: OnCommit,
): Promise<{ reached: number; seconds: number }> {
  const running = new Set<Promise<void>>()
  const failing = new AbortController()
  const either = AbortSignal.any([signal, failing.signal])
  let committed = 0
  for (let place = 0; place < rate * seconds && !either.aborted; place++) {
    await until(since + (place * 1_000) / rate, either)
    while (running.size >= mostAtOnce) await Promise.race(running)
    if (either.aborted || clock() - since > seconds * 1_000) break
    const one = runTransaction(workload, since, onCommit)
      .then((done) => {
        committed += done
      })
      .catch((error) => failing.abort(error))
      .finally(() => running.delete(one))
    running.add(one)
  }
  await Promise.all(running)
  either.throwIfAborted()
  const took = (clock() - since) / 1_000
  return { reached: committed / Math.max(took, seconds), seconds: took }
}

/** Transactions before the load that are no samples. */
export const warmUps = 10

/** Runs {@link warmUps}, one after the other: connections and statements are there afterwards. */
export async function warmUp(workload: OpenWorkload, signal: AbortSignal): Promise<void> {
  for (let place = 0; place < warmUps && !signal.aborted; place++) await tokenOf(workload)
  signal.throwIfAborted()
}

/** 1 if it committed, 0 if the application refused it. */
async function runTransaction(workload: OpenWorkload, since: number, onCommit: OnCommit): Promise<number> {
  const append: Appending = { milliseconds: 0, events: 0 }
  const begun = clock()
  const token = await appending.run(append, () => tokenOf(workload))
  const committedAt = clock()
  if (token === undefined) return 0
  const at = (committedAt - since) / 1_000
  const sample = { at, total: committedAt - begun, append: append.milliseconds, events: append.events }
  onCommit(token, sample, committedAt)
  return 1
}

/** Of one transaction. @throws TOKEN_INVALID if it returns something else */
async function tokenOf(workload: OpenWorkload): Promise<CommitToken | undefined> {
  const token = await workload.transaction()
  if (token !== undefined) parseToken(token)
  return token
}

async function until(moment: number, signal: AbortSignal): Promise<void> {
  const left = moment - clock()
  if (left > 1) await pause(left, signal)
}
