import { errors } from '@opensearch-project/opensearch'
import { chainOf, type EngineError, isPassing, reasonOf } from '../../opensearch/engine-error.ts'
import { engineError } from '../../opensearch/search-error.ts'

/** One item of a bulk answer, as `filter_path` leaves it. */
export interface AnsweredItem {
  status: number
  error?: { type: string; reason?: string; caused_by?: { reason?: string } }
}

/** What became of one document; all but `retry` are final. */
export type ItemOutcome =
  | { kind: 'indexed' }
  | { kind: 'conflict' }
  | { kind: 'retry' | 'refused' | 'index_missing' | 'failed'; error: EngineError }

/**
 * The error's type decides, never the status alone: a missing alias is a 404 too, and a conflict says that the
 * document has this version or a later one.
 */
export function itemOutcome({ status, error }: AnsweredItem): ItemOutcome {
  if (error === undefined) return { kind: 'indexed' }
  if (error.type === 'version_conflict_engine_exception') return { kind: 'conflict' }
  const engine = { status, type: error.type, reason: reasonOf(chainOf(error)) }
  if (error.type === 'index_not_found_exception') return { kind: 'index_missing', error: engine }
  if (isPassing(engine)) return { kind: 'retry', error: engine }
  return { kind: status === 400 || status === 413 ? 'refused' : 'failed', error: engine }
}

/**
 * What a failed request means for its items. `retry`: outcome unknown or not now. `divide`: the request as a whole is
 * too large or holds an item that spoils it. `failed`: no later request will do better.
 */
export type RequestOutcome = 'retry' | 'overloaded' | 'too_large' | 'divide' | 'index_missing' | 'failed'

export function requestOutcome(error: unknown): RequestOutcome {
  const engine = engineError(error)
  if (engine === undefined) return isUnknown(error) ? 'retry' : 'failed'
  if (engine.status === 413) return 'too_large'
  if (engine.status === 429) return 'overloaded'
  if (engine.type === 'index_not_found_exception') return 'index_missing'
  if (isPassing(engine)) return 'retry'
  return engine.status === 400 && !engine.type.startsWith('http_') ? 'divide' : 'failed'
}

/** No answer, or one that broke off: the engine may have done all, a part or nothing. */
function isUnknown(error: unknown): boolean {
  return error instanceof errors.OpenSearchClientError && !(error instanceof errors.SerializationError)
}
