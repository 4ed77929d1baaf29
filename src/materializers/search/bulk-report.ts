import { TrifoldError } from '../../errors.ts'
import type { EngineError } from '../../opensearch/engine-error.ts'

/** Figures of one bulk write. */
export interface BulkReport {
  /** Documents that were created or replaced. */
  indexed: number
  /** Documents that stood at the same or a later version already. */
  conflicts: number
  /** Bulk requests that were sent. */
  requests: number
  /** Documents that were sent once more, counted each time. */
  retried: number
  /** Bytes that were sent. */
  bytes: number
}

/** A document that the engine will never take, and why. */
export interface Refusal extends EngineError {
  id: string
}

export function documentRefused(index: string, refused: readonly Refusal[], report: BulkReport): TrifoldError {
  const { id, type, reason } = refused[0] as Refusal
  const others = refused.length === 1 ? '' : ` (and ${refused.length - 1} more)`
  return new TrifoldError(
    'DOCUMENT_REFUSED',
    `search: "${index}" refused document "${id.slice(0, 80)}"${others}: ${type}: ${oneLine(reason)}; correct the row or the mapping, then rebuild`,
    { details: { index, refused, report } },
  )
}

const oneLine = (reason: string): string => reason.replaceAll(/\s*\n\s*/g, ' ').slice(0, 300)

export function writeFailed(index: string, id: string, error: EngineError): TrifoldError {
  return new TrifoldError(
    'SEARCH_FAILED',
    `search: writing document "${id}" to "${index}" failed: ${error.type}: ${oneLine(error.reason)}; see OpenSearch's log`,
    { details: { ...error, index, id, retryable: false } },
  )
}

/** Some documents may or may not be written. `complete` tells whether all documents of the write were read. */
export function givenUp(
  index: string,
  withoutOutcome: readonly string[],
  options: { reason: string; complete: boolean; report: BulkReport; cause?: unknown },
): TrifoldError {
  const unread = options.complete ? '' : ', and more were not sent yet'
  return new TrifoldError(
    'SEARCH_FAILED',
    `search: stopped writing to "${index}" because ${options.reason}; ${withoutOutcome.length} documents have no outcome${unread}; writing them again is safe`,
    { cause: options.cause, details: { index, withoutOutcome, report: options.report, retryable: true } },
  )
}
