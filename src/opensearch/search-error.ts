import { errors } from '@opensearch-project/opensearch'
import { TrifoldError } from '../errors.ts'
import { shownUrl } from '../shown-url.ts'
import { type EngineError, engineErrorOf, isPassing } from './engine-error.ts'

/** The engine's part of a client error, or undefined if the engine did not answer. */
export function engineError(error: unknown): EngineError | undefined {
  if (!(error instanceof errors.ResponseError)) return undefined
  return engineErrorOf(error.meta.statusCode ?? 0, error.meta.body)
}

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
  index_closed_exception: 'somebody closed it: open it with POST /<index>/_open, or rebuild the target',
  index_not_found_exception: 'rebuild the target to build a new index',
  invalid_alias_name_exception: 'an index has the name of the alias: delete it or choose another prefix',
  resource_already_exists_exception: 'delete it or choose the next generation',
  security_exception: refusedUser,
  too_many_clauses: 'ask for fewer words at once',
  too_many_nested_clauses: 'ask for fewer words at once',
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
