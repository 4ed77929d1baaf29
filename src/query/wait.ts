import { type CommitToken, parseToken } from '../outbox/token.ts'
import { milliseconds } from '../span.ts'
import { invalidQuery } from './invalid.ts'
import { shown } from './parts.ts'

/** A commit that a read waits for. */
export interface Wait {
  token: CommitToken
  /** Milliseconds; undefined for the default. */
  timeout: number | undefined
}

/** Timers of Node.js hold no more than 2^31 - 1 milliseconds; nobody waits for a page as long as this. */
const longestTimeout = 24 * 3_600_000

/** What a read waits for. @throws QUERY_INVALID, TOKEN_INVALID */
export function waitOf(after: unknown, timeout: unknown): Wait | undefined {
  const span = timeout === undefined ? undefined : spanOf('timeout', timeout)
  if (after === undefined) return undefined
  if (typeof after !== 'string') throw invalidQuery(`\`after\` takes a commit token, not ${shown(after)}`)
  parseToken(after)
  return { token: after, timeout: span }
}

/** A time span in milliseconds. @throws QUERY_INVALID */
export function spanOf(name: string, span: unknown): number {
  const length = typeof span === 'number' || typeof span === 'string' ? milliseconds(span) : undefined
  if (length !== undefined && length <= longestTimeout) return length
  throw invalidQuery(`\`${name}\` is ${shown(span)}; write a time span of at most 24h such as "500ms" or "5s"`)
}
