import type { FastifyReply, FastifyRequest } from 'fastify'
import { type ErrorCode, errorCatalogue } from 'trifold/internal/errors'
import { failureOf } from 'trifold/internal/observe'
import { parseTarget } from 'trifold/internal/target'

/** An error as an answer (RFC 9457): `application/problem+json`. */
export interface Problem {
  /** `urn:trifold:error:` and the code. */
  type: string
  /** What the code means. */
  title: string
  status: number
  /** What is wrong with this request, and what to do. */
  detail: string
  code: ErrorCode
  /** The name of the limit that the request exceeds. */
  limit?: string
  /** What the request can name as `from` instead, if only its target cannot answer it. */
  targets?: string[]
}

/** The errors that are about the request, or that pass by themselves. Their messages are for the caller. */
const statuses: { readonly [Code in ErrorCode]?: number } = {
  ACCESS_DENIED: 401,
  REQUEST_INVALID: 400,
  READ_MODEL_UNKNOWN: 404,
  TARGET_UNKNOWN: 404,
  QUERY_INVALID: 400,
  CURSOR_INVALID: 400,
  CURSOR_EXPIRED: 410,
  TOKEN_INVALID: 400,
  LIMIT_EXCEEDED: 400,
  QUERY_UNSUPPORTED: 422,
  ERA_MISMATCH: 409,
  TOKEN_UNCOMMITTED: 409,
  READ_TIMEOUT: 503,
  WAIT_TIMEOUT: 503,
  TARGET_STOPPED: 503,
  TARGET_DETACHED: 503,
  EXPORT_IMPOSSIBLE: 503,
}

/** Those that pass by themselves, but whose messages name engines. */
const away: ReadonlySet<ErrorCode> = new Set([
  'DATABASE_UNREACHABLE',
  'SEARCH_UNREACHABLE',
  'SEARCH_FAILED',
  'STATEMENT_TIMEOUT',
  'DATABASE_FULL',
])

/** Limits whose status says more. */
const limitStatuses: Readonly<Record<string, number>> = { body: 413, exports: 429 }

/** What is answered to an error. An error inside shows its code alone. */
export function problemOf(error: unknown): Problem {
  const { code, message, details } = failureOf(error)
  const limit = code === 'LIMIT_EXCEEDED' ? String(details.limit) : undefined
  const known = statedStatus(code, details) ?? limitStatuses[limit ?? ''] ?? statuses[code]
  const status = known ?? (away.has(code) ? 503 : 500)
  return {
    type: `urn:trifold:error:${code}`,
    title: errorCatalogue[code],
    status,
    detail: known === undefined ? 'The server cannot answer; its log says why.' : message,
    code,
    ...(limit && { limit }),
    ...(code === 'QUERY_UNSUPPORTED' && { targets: otherTargets(details) }),
  }
}

const otherTargets = ({ alternatives }: Readonly<Record<string, unknown>>): string[] =>
  Array.isArray(alternatives) ? alternatives.map((target) => parseTarget(target).materializer) : []

/** What a refusal of this package itself says of its status. */
const statedStatus = (code: ErrorCode, { status }: Readonly<Record<string, unknown>>): number | undefined =>
  (code === 'REQUEST_INVALID' || code === 'ACCESS_DENIED') && typeof status === 'number' ? status : undefined

/** Answers with a problem. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  const problem = problemOf(error)
  if (problem.status >= 500) request.log.error({ err: error, code: problem.code }, 'a request failed')
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer')
  if (problem.status === 429 || problem.status === 503) reply.header('retry-after', '1')
  return reply
    .code(problem.status)
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .send(JSON.stringify(problem))
}
