import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { detached } from '../detachment.ts'
import { TrifoldError } from '../errors.ts'
import { type CommitToken, type ParsedToken, parseToken } from '../outbox/token.ts'
import { endedProcess } from '../schema/consumers.ts'
import type { BranchReason } from '../schema/history.ts'
import { milliseconds, type Span } from '../span.ts'
import { branches } from './branches.ts'
import type { AwaitedTarget } from './reflected.ts'
import { type Reflection, reflects } from './reflects.ts'

export interface WaitOptions {
  /** Longest wait; default 5s. */
  timeout?: Span | undefined
  signal?: AbortSignal | undefined
  /** Called once if the target does not show the commit at the first look: to have what is new delivered at once. */
  wake?: (() => Promise<void>) | undefined
}

const defaultTimeout = 5_000
const shortestPause = 2
const longestPause = 50

/**
 * Waits until a target shows every transaction of a commit token. It looks at once, then every 2 ms, growing to 50 ms.
 *
 * @param pool of `database.ts`, on the primary
 * @returns the milliseconds that it waited; 0 if the first look was enough
 * @throws WAIT_TIMEOUT; at once ERA_MISMATCH, TOKEN_INVALID, TOKEN_UNCOMMITTED (a wait for one's own open transaction would
 * never end), TARGET_STOPPED if the target stopped before the commit (but not at an event that its next session parks), and
 * TARGET_DETACHED if it is detached and does not show it. With `signal`: its reason
 */
export async function waitForToken(
  pool: Pick<pg.Pool, 'query'>,
  target: AwaitedTarget,
  token: CommitToken,
  options: WaitOptions = {},
): Promise<number> {
  const parsed = parseToken(token)
  const timeout = timeoutOf(options.timeout)
  const end = performance.now() + timeout
  let begin: number | undefined
  for (let pause = shortestPause; ; pause = Math.min(pause * 1.5, longestPause)) {
    options.signal?.throwIfAborted()
    const reflection = await look(pool, target, parsed)
    if (reflection.visible) return begin === undefined ? 0 : performance.now() - begin
    begin ??= performance.now()
    if (reflection.detachedSince) throw detached('query', target.target, reflection.detachedSince)
    if (reflection.failure && !(target.parks && endedProcess(reflection.failure)))
      throw stopped(target.target, reflection)
    const left = end - performance.now()
    if (left <= 0) throw timedOut(target.target, reflection, timeout)
    if (pause === shortestPause) options.wake?.().catch(() => {}) // a hint may be lost: the loop looks again
    await sleep(Math.min(pause, left), undefined, { signal: options.signal }).catch(() => {}) // told by the next turn
  }
}

/** One look; throws what no waiting cures. */
async function look(pool: Pick<pg.Pool, 'query'>, target: AwaitedTarget, token: ParsedToken): Promise<Reflection> {
  const reflection = await reflects(pool, target, token).catch((error) => {
    throw (error as { code?: string }).code === invalidParameter ? unknownTransaction(error) : error
  })
  if (reflection.era !== token.era) throw otherEra(token.era, reflection.era)
  if (reflection.branched) throw branchedHistory(reflection.branched)
  if (!reflection.sameNonce) throw otherHistory(token.era)
  if (reflection.uncommitted.length > 0) throw uncommitted(reflection.uncommitted)
  return reflection
}

/** What PostgreSQL says of a transaction id that it has not given out. */
const invalidParameter = '22023'

function timeoutOf(timeout: Span | undefined): number {
  const span = timeout === undefined ? defaultTimeout : milliseconds(timeout)
  if (span !== undefined) return span
  throw new TrifoldError(
    'QUERY_INVALID',
    `query: \`timeout\` is ${JSON.stringify(timeout)}; write a time span such as "500ms" or "5s"`,
  )
}

const otherEra = (asked: bigint, era: bigint) =>
  new TrifoldError(
    'ERA_MISMATCH',
    `query: the commit token is of era ${asked}, the database is in era ${era}: its history may have branched; read without \`after\``,
    { details: { tokenEra: String(asked), era: String(era) } },
  )

const otherHistory = (era: bigint) =>
  new TrifoldError(
    'ERA_MISMATCH',
    `query: the commit token is of another era ${era} than the database's: of another database, or of a history that was lost; read without \`after\``,
    { details: { tokenEra: String(era), era: String(era) } },
  )

const branchedHistory = (reason: BranchReason) =>
  new TrifoldError(
    'ERA_MISMATCH',
    `query: the history of the database may have branched (it ${branches[reason]}), so commit tokens of before mean nothing here; ` +
      'start `trifold worker`, which begins the next era, and read without `after` meanwhile',
    { details: { reason } },
  )

const uncommitted = (xids: string[]) =>
  new TrifoldError(
    'TOKEN_UNCOMMITTED',
    `query: transaction ${xids.join(', ')} of the commit token is still open or was rolled back; commit it before reading with \`after\``,
    { details: { xids } },
  )

const unknownTransaction = (cause: unknown) =>
  new TrifoldError(
    'TOKEN_INVALID',
    'query: the commit token names a transaction that this database has not begun: it belongs to another database, or to a ' +
      'history that was lost; read without `after`',
    { cause },
  )

const stopped = (target: string, { failure }: Reflection) =>
  new TrifoldError(
    'TARGET_STOPPED',
    `query: ${target} stopped at a failing event before the commit; see \`trifold status\`, and read another target meanwhile`,
    { details: { target, failure } },
  )

function timedOut(target: string, reflection: Reflection, timeout: number): TrifoldError {
  return new TrifoldError(
    'WAIT_TIMEOUT',
    `query: ${target} did not show the commit within ${timeout} ms: ${stateOf(reflection)}`,
    { details: { target, windowsAhead: reflection.windowsAhead, behindSeconds: reflection.behind } },
  )
}

function stateOf({ serving, behind, windowsAhead, failure }: Reflection): string {
  if (failure)
    return `event ${failure.ordinal} ended the process of its handler, and no worker has parked it yet; check that \`trifold worker\` runs`
  if (!serving) return 'it has not been built; run `trifold rebuild --outdated`'
  const age =
    behind === undefined
      ? 'it reflects nothing of this era yet'
      : `it reflects a snapshot of ${behind.toFixed(1)} s ago`
  if (windowsAhead === undefined)
    return `${age}; wait for its refresh (a longer \`timeout\`), refresh it, or read a target fed by events`
  return `${age}, with ${windowsAhead} windows ahead of it; check that \`trifold worker\` runs, or wait longer (\`timeout\`)`
}
