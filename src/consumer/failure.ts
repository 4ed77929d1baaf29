import type pg from 'pg'
import { isTrifoldError, type TrifoldError } from '../errors.ts'
import type { Lease } from '../lease.ts'

/** Why a target stopped, as `consumers.failure` keeps it. */
export interface Failure {
  code: string
  message: string
  /** Ordinal and position of the event, if one event is to blame. */
  ordinal?: number
  position?: number
  type?: string
  at: string
}

const stopping = new Set([
  'HANDLER_FAILED',
  'HANDLER_UNKNOWN_COLUMN',
  'DOCUMENT_REFUSED',
  'FEED_INCOMPLETE',
  'DEFINITION_DRIFT',
  'DEFINITION_INVALID',
  'KEY_INVALID',
  'FACADE_TAKEN',
  'FACADE_DEPENDED',
  'CONFIG_INVALID',
  'VALUE_INVALID',
])

/**
 * Whether an error stops the target until an operator acts: a retry would fail the same way. SQLSTATE classes 22 and 23
 * are values that the table refuses.
 */
export function stopsTarget(error: unknown): boolean {
  if (isTrifoldError(error)) return stopping.has(error.code)
  return /^2[23]/.test(String((error as { code?: unknown } | undefined)?.code ?? ''))
}

/** Records why the target stopped, and gives the lease back. Nothing is skipped: the cursor stays before the event. */
export async function recordFailure(client: pg.ClientBase, lease: Lease, error: Error): Promise<void> {
  const failure: Failure = {
    code: (error as TrifoldError).code ?? 'UNEXPECTED',
    message: error.message,
    ...(error as TrifoldError).details,
    at: new Date().toISOString(),
  }
  await client.query(
    `update trifold.consumers
    set failure = $3, lease_until = '-infinity', owner = null, backend_pid = null, backend_start = null
    where generation_id = $1
      and epoch = $2`,
    [lease.generation.id, lease.epoch, JSON.stringify(failure)],
  )
}
