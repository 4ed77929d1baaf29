import { type ByteSize, bytesOf } from 'trifold/internal/byte-size'
import { TrifoldError } from 'trifold/internal/errors'
import { largestLimit } from 'trifold/internal/query/plan'
import { milliseconds, type Span } from 'trifold/internal/span'

/** What one request may ask for, at most. More is refused, with the name of the limit. */
export interface ApiLimits {
  /** The JSON of a request: `1MB`, or bytes; default 1MB. */
  body?: ByteSize
  /** How deep its objects and lists are nested; default 32. */
  depth?: number
  /** Rows of a page, up to 10,000; default 1,000. Exports have no such limit. */
  rows?: number
  /** Groups of a summary, up to 10,000; default 1,000. */
  groups?: number
  /** How long an engine may take to answer (`deadline`); default 10s. */
  time?: Span
  /** How long a request may wait for a commit (`timeout`); default 10s. */
  wait?: Span
  /**
   * How long pages may be held still (`hold`) until the next is asked for; default 0, not at all: OpenSearch keeps 300 of
   * them at once, for all who ask.
   */
  hold?: Span
  /** Exports that run at once, for all keys together: each holds a connection to PostgreSQL; default 4. */
  exports?: number
  /** How long an export may stand still because its client reads nothing, before its connection is broken; default 2m. */
  idle?: Span
}

/** Checked, in bytes and milliseconds. */
export type Limits = Record<keyof ApiLimits, number>

type Readers = { [Name in keyof ApiLimits]-?: (given: never) => number | undefined }

const wholeUpTo =
  (most: number) =>
  (given: unknown): number | undefined =>
    Number.isInteger(given) && Number(given) >= 1 && Number(given) <= most ? Number(given) : undefined

/** Longer waits no request may name. */
const longestSpan = 24 * 3_600_000
const span = (given: unknown): number | undefined => {
  const length = typeof given === 'number' || typeof given === 'string' ? milliseconds(given) : undefined
  return length !== undefined && length <= longestSpan ? length : undefined
}

const readers: Readers = {
  body: (given: unknown) => (typeof given === 'number' || typeof given === 'string' ? bytesOf(given) : undefined),
  depth: wholeUpTo(1_000),
  rows: wholeUpTo(largestLimit),
  groups: wholeUpTo(largestLimit),
  time: span,
  wait: span,
  hold: span,
  exports: wholeUpTo(1_000),
  idle: span,
}

const defaults: Limits = {
  body: 2 ** 20,
  depth: 32,
  rows: 1_000,
  groups: 1_000,
  time: 10_000,
  wait: 10_000,
  hold: 0,
  exports: 4,
  idle: 120_000,
}

/** The limits, those that are not given by default. @throws API_INVALID */
export function limitsOf(given: ApiLimits = {}): Limits {
  const limits = { ...defaults }
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue
    if (!Object.hasOwn(readers, name))
      throw invalid(`has no limit \`${name}\`; it has ${Object.keys(readers).join(', ')}`)
    const limit = readers[name as keyof Limits](value as never)
    if (limit === undefined) throw invalid(`cannot use ${JSON.stringify(value)} as limit \`${name}\``)
    limits[name as keyof Limits] = limit
  }
  return limits
}

const invalid = (fault: string) => new TrifoldError('API_INVALID', `http: \`limits\` ${fault}`)

/** LIMIT_EXCEEDED. @param fault what the request asks for */
export const exceeded = (limit: keyof Limits, most: string | number, fault: string): TrifoldError =>
  new TrifoldError('LIMIT_EXCEEDED', `http: ${fault}; the limit \`${limit}\` is ${most}`, { details: { limit, most } })

/**
 * A request with a row limit, if it has none: within the limit. What is no number is left to the library, which refuses it.
 *
 * @param size what `limit` counts
 * @throws LIMIT_EXCEEDED
 */
export function withinSize<Asked extends Record<string, unknown>>(
  asked: Asked,
  size: 'rows' | 'groups',
  limits: Limits,
): Asked & { limit: unknown } {
  const { limit = Math.min(100, limits[size]) } = asked
  if (typeof limit === 'number' && limit > limits[size])
    throw exceeded(size, limits[size], `the request asks for ${limit} ${size} at once (\`limit\`)`)
  return { ...asked, limit }
}

/** The same for the time that it may take: for its deadline, and for the longest wait. @throws LIMIT_EXCEEDED */
export function withinTime<Asked extends Record<string, unknown>>(asked: Asked, limits: Limits): Asked {
  const { deadline = limits.time } = asked
  refuseLonger('time', 'deadline', deadline, limits)
  refuseLonger('hold', 'hold', asked.hold, limits)
  return { ...withinWait(asked, limits), deadline }
}

/** @throws LIMIT_EXCEEDED */
export function withinWait<Asked extends Record<string, unknown>>(asked: Asked, limits: Limits): Asked {
  if (asked.after === undefined && asked.timeout === undefined) return asked
  const { timeout = Math.min(5_000, limits.wait) } = asked
  refuseLonger('wait', 'timeout', timeout, limits)
  return { ...asked, timeout }
}

function refuseLonger(limit: 'time' | 'wait' | 'hold', term: string, asked: unknown, limits: Limits): void {
  const length = span(asked)
  if (length !== undefined && length > limits[limit])
    throw exceeded(limit, `${limits[limit]} ms`, `the request asks for ${length} ms (\`${term}\`)`)
}
