import type pg from 'pg'
import { checkKey } from '../../definition.ts'
import { isTrifoldError, TrifoldError } from '../../errors.ts'
import type { TargetContext } from '../../materializer.ts'
import { lockNotAvailable, sqlState, sqlStateOf } from '../../sql.ts'
import { explainLongEntry } from '../long-entry.ts'
import { blockersOf } from './blockers.ts'
import { type Run, recordRun } from './history.ts'
import { lockTimeoutOf, statementTimeout } from './session.ts'

const duplicateStates = new Set(['23505', '21000'])

/**
 * Throws `error`, or one that says more: which key is there twice, or who holds the lock that it waited for.
 *
 * @param client the session on which it failed, rolled back
 */
export async function throwExplained(client: pg.ClientBase, context: TargetContext, error: unknown): Promise<never> {
  if (sqlState(error) === lockNotAvailable) throw await lockWaited(client, context, error)
  await explainLongEntry(client, context, error)
  if (!duplicateStates.has(sqlState(error) ?? '')) throw error
  await checkKey(client, context.definition)
  const { message, detail } = error as pg.DatabaseError
  throw new TrifoldError(
    'KEY_INVALID',
    `definition: the key of ${context.definition.file} was not unique: ${detail ?? message}; correct the SELECT`,
    { cause: error },
  )
}

async function lockWaited(client: pg.ClientBase, context: TargetContext, cause: unknown): Promise<TrifoldError> {
  const blockers = await blockersOf(client, context)
  const holder = blockers ? `held by ${blockers}` : 'whose holder has since gone'
  return new TrifoldError(
    'REFRESH_FAILED',
    `view: ${context.target} waited ${lockTimeoutOf(context)} ms for a lock ${holder}; the next refresh tries again`,
    { cause, details: { blockers } },
  )
}

/** Writes the history row of a failed run, outside of its transaction, and returns the error to throw. */
export async function recordFailure(
  context: TargetContext,
  run: Run,
  error: unknown,
  signal?: AbortSignal,
): Promise<TrifoldError> {
  const failure = failureOf(context, run, error, signal)
  // What stopped the run may keep its row from being written too; the error that is thrown says it in any case.
  const { message, code } = failure
  const end = { outcome: 'failed', error: message, code, sqlState: sqlStateOf(error) } as const
  await recordRun(context.pool, context, run, end).catch(() => {})
  return failure
}

function failureOf(context: TargetContext, run: Run, error: unknown, signal: AbortSignal | undefined): TrifoldError {
  if (isTrifoldError(error)) return error
  const what = run.cause === 'rebuild' ? 'rebuild' : 'refresh'
  return new TrifoldError(
    'REFRESH_FAILED',
    `view: the ${what} of ${context.target} ${reason(context, error as pg.DatabaseError, signal)}`,
    { cause: error },
  )
}

function reason(context: TargetContext, error: pg.DatabaseError, signal: AbortSignal | undefined): string {
  if (signal?.aborted) return 'was cancelled; run it again'
  if (error.code === '57014' && error.message.includes('statement timeout')) {
    return `took longer than ${statementTimeout(context)} ms; make the definition faster or raise the target's \`timeout\``
  }
  if (error.code === '57014') return 'was cancelled by an operator; the next one runs when it is due'
  return `failed: ${error.message}; correct the definition or the tables under it`
}
