import { TrifoldError } from '../errors.ts'
import { failureOf } from '../observe.ts'
import { type AuditEntry, type AuditedAction, endAction, insertAction, readActions } from '../schema/audit.ts'
import type { Toolkit } from '../toolkit.ts'

export type { AuditEntry, AuditedAction } from '../schema/audit.ts'

/** Which part of the audit to read. */
export interface AuditOptions {
  /** Most actions; default 50. */
  limit?: number | undefined
}

const largestLimit = 10_000

/** What operators did in the console, the newest first. @throws HISTORY_INVALID */
export async function audit({ pool }: Toolkit, { limit = 50 }: AuditOptions = {}): Promise<AuditEntry[]> {
  if (Number.isInteger(limit) && limit >= 1 && limit <= largestLimit) return readActions(pool, limit)
  throw new TrifoldError('HISTORY_INVALID', `audit: the limit ${limit} is none; ask for 1 to ${largestLimit} actions`)
}

/**
 * Does something, and writes who did it, when, and what came of it. What cannot be written is not begun.
 *
 * @param work returns what came of it, in a sentence
 * @returns what came of it, as it is written: a failure of the work is an outcome
 */
export async function audited(
  { pool }: Toolkit,
  action: AuditedAction,
  work: () => Promise<string>,
): Promise<{ outcome: 'done' | 'failed'; detail: string }> {
  const id = await insertAction(pool, action)
  const ended = await work().then(
    (detail) => ({ outcome: 'done', detail }) as const,
    (error) => ({ outcome: 'failed', detail: failureText(error) }) as const,
  )
  await endAction(pool, id, ended.outcome, ended.detail)
  return ended
}

function failureText(error: unknown): string {
  const { code, message } = failureOf(error)
  return `${message} [${code}]`
}
