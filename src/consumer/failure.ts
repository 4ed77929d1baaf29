import type pg from 'pg'
import { isTrifoldError, type TrifoldError } from '../errors.ts'
import type { Lease } from '../lease.ts'
import { type Failure, stopConsumer } from '../schema/consumers.ts'
import { isRefusal } from './refusal.ts'

const stopping = new Set([
  'HANDLER_FAILED',
  'HANDLER_UNKNOWN_COLUMN',
  'HANDLER_BLOCKED',
  'PROCESS_ENDED',
  'PARKED_TOO_MANY',
  'FEED_INCOMPLETE',
  'REBUILD_DIFFERS',
  'DEFINITION_DRIFT',
  'DEFINITION_INVALID',
  'FACADE_TAKEN',
  'FACADE_DEPENDED',
  'CONFIG_INVALID',
])

/** Whether an error stops the target until an operator acts: a retry would fail the same way. */
export const stopsTarget = (error: unknown): boolean =>
  isRefusal(error) || (isTrifoldError(error) && stopping.has(error.code))

/** Records why the target stopped, and gives the lease back. Nothing is skipped: the cursor stays before the event. */
export async function recordFailure(client: pg.ClientBase, lease: Lease, error: Error): Promise<void> {
  const failure: Failure = {
    code: (error as TrifoldError).code ?? 'UNEXPECTED',
    message: error.message,
    ...(error as TrifoldError).details,
    at: new Date().toISOString(),
  }
  await stopConsumer(client, lease, failure)
}
