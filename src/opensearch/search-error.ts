import { errors } from '@opensearch-project/opensearch'
import { shownUrl } from '../database.ts'
import { TrifoldError } from '../errors.ts'

/** What the engine said about a request or one item of a bulk. */
export interface EngineError {
  status: number
  type: string
  reason: string
}

/** Types of engine errors that pass by themselves; statuses 429 and 5xx do as well. */
const passing = new Set([
  'circuit_breaking_exception',
  'cluster_block_exception',
  'es_rejected_execution_exception',
  'index_primary_shard_not_allocated_exception',
  'no_shard_available_action_exception',
  'process_cluster_event_timeout_exception',
  'rejected_execution_exception',
  'shard_not_found_exception',
  'shard_not_in_primary_mode_exception',
  'unavailable_shards_exception',
])

/** Tells whether the same request may succeed later. */
export function isPassing(error: EngineError): boolean {
  return passing.has(error.type) || error.status === 429 || error.status >= 500
}

/** The engine's part of a client error, or undefined if the engine did not answer. */
export function engineError(error: unknown): EngineError | undefined {
  if (!(error instanceof errors.ResponseError)) return undefined
  const status = error.meta.statusCode ?? 0
  const body = error.meta.body as { error?: unknown } | string | null
  const said = typeof body === 'object' && body !== null ? body.error : body
  if (typeof said !== 'object' || said === null) return { status, type: `http_${status}`, reason: shortened(said) }
  const { type, reason } = said as Partial<EngineError>
  return { status, type: type ?? `http_${status}`, reason: shortened(reason) }
}

const shortened = (said: unknown): string => (typeof said === 'string' ? said.slice(0, 500) : 'no reason given')

const kinds: Record<string, string> = {
  index_not_found_exception: 'index_missing',
  resource_already_exists_exception: 'index_exists',
}

/**
 * An error of the client as SEARCH_UNREACHABLE (no answer) or SEARCH_FAILED (an answer that says no, with the engine's
 * type and reason). `details.kind` is `index_missing` or `index_exists` if that is the cause; `details.retryable`
 * tells whether the same request may succeed later. A {@link TrifoldError} is returned as it is.
 */
export function searchError(error: unknown, doing = 'a request'): TrifoldError {
  if (error instanceof TrifoldError) return error
  const engine = engineError(error)
  if (engine !== undefined) return refusedByEngine(engine, doing, error)
  const message = error instanceof Error ? error.message : String(error)
  if (isUnreachable(error)) {
    return new TrifoldError(
      'SEARCH_UNREACHABLE',
      `search: ${address(error)} did not answer ${doing} (${message}); check OPENSEARCH_URL and that OpenSearch runs`,
      { cause: error, details: { retryable: true } },
    )
  }
  return new TrifoldError('SEARCH_FAILED', `search: ${doing} failed: ${message}`, {
    cause: error,
    details: { retryable: error instanceof errors.DeserializationError },
  })
}

/** No index or write alias of that name: it was deleted, or never created. */
export function indexMissing(name: string, doing: string, cause?: unknown): TrifoldError {
  return new TrifoldError(
    'SEARCH_FAILED',
    `search: ${doing} failed because "${name}" does not exist; rebuild the target to build a new index`,
    { cause, details: { kind: 'index_missing', index: name, retryable: false } },
  )
}

function refusedByEngine(engine: EngineError, doing: string, cause: unknown): TrifoldError {
  const retryable = isPassing(engine)
  const next = retryable ? 'it may pass: try again' : (nextSteps[engine.type] ?? "see OpenSearch's log")
  return new TrifoldError('SEARCH_FAILED', `search: ${doing} failed: ${engine.type}: ${engine.reason}; ${next}`, {
    cause,
    details: { ...engine, kind: kinds[engine.type], retryable },
  })
}

const refusedUser = 'check the name and password in OPENSEARCH_URL and the rights of that user'

const nextSteps: Record<string, string> = {
  http_401: refusedUser,
  http_403: refusedUser,
  index_not_found_exception: 'rebuild the target to build a new index',
  invalid_alias_name_exception: 'an index has the name of the alias: delete it or choose another prefix',
  resource_already_exists_exception: 'delete it or choose the next generation',
  security_exception: refusedUser,
}

function isUnreachable(error: unknown): error is Unanswered {
  return (
    error instanceof errors.ConnectionError ||
    error instanceof errors.TimeoutError ||
    error instanceof errors.NoLivingConnectionsError
  )
}

type Unanswered = Error & { meta?: { meta?: { connection?: { url?: URL } | null } } }

function address(error: Unanswered): string {
  const url = error.meta?.meta?.connection?.url
  return url === undefined ? 'OpenSearch' : shownUrl(url.toString())
}
