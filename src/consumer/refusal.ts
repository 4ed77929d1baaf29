import { isTrifoldError, TrifoldError } from '../errors.ts'
import type { FeedEvent } from '../feed.ts'
import { sqlState } from '../sql.ts'

/** An event, as far as messages name it. */
export type NamedEvent = Pick<FeedEvent, 'ordinal' | 'position' | 'type'>

const refusals = new Set(['VALUE_INVALID', 'DOCUMENT_REFUSED', 'KEY_INVALID'])

/**
 * Whether an engine will never take a page, because of a value in it: trying again would give the same. Of PostgreSQL
 * the classes 22 (a value of no type), 23 (a constraint) and 54 (too large for an index).
 */
export function isRefusal(error: unknown): boolean {
  if (isTrifoldError(error)) return refusals.has(error.code)
  return /^(22|23|54)...$/.test(sqlState(error) ?? '')
}

/** The same refusal, once the event is known. */
export function refusedEvent(target: string, event: NamedEvent, cause: unknown): TrifoldError {
  const known = isTrifoldError(cause) ? cause : undefined
  const { ordinal, position, type } = event
  const reason = (cause as Error).message
  return new TrifoldError(
    known?.code ?? 'VALUE_INVALID',
    `consumer: ${target} cannot take event ${ordinal} (${type}, position ${position}): ${reason}; ` +
      'what was before it has been applied. Correct the handler, the row or the definition and restart the worker: it goes on at this event',
    { cause, details: { ...known?.details, ordinal, position, type } },
  )
}

/** A page that was refused as a whole, while the event to blame is looked for. */
export class RefusedPage {
  private readonly end: number

  /** @param end the ordinal of its last event */
  constructor(end: number) {
    this.end = end
  }

  /** Events that are tried next: half of those that are left. 0 once all of them have been applied after all. */
  nextSize(applied: number): number {
    return Math.max(0, Math.ceil((this.end - applied) / 2))
  }
}
