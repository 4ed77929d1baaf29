import { type ErrorCode, TrifoldError } from '../errors.ts'
import { lockNotAvailable, sqlStateOf } from '../sql.ts'
import { databaseRefusal } from './database-refusal.ts'
import { reasonOf } from './thrown.ts'

/** An error as plain JSON. */
export interface Failure {
  code: ErrorCode
  message: string
  /** The same facts for programs. */
  details: Record<string, unknown>
  /** The message of what caused it. */
  cause?: string
  /** Only for an unexpected error (`UNEXPECTED`). */
  stack?: string
}

/** What an observation says about an error. */
export function failureOf(error: unknown): Failure {
  if (error instanceof TrifoldError) {
    const { code, message, details, cause } = error
    return { code, message, details, ...(cause !== undefined && { cause: messageOf(cause) }) }
  }
  const message = messageOf(error)
  if (sqlStateOf(error) === lockNotAvailable) {
    const next = '`trifold status` says who holds the lock'
    return {
      code: 'DATABASE_LOCKED',
      message: `database: ${message}; ${next}`,
      details: { sqlState: lockNotAvailable },
    }
  }
  const refusal = databaseRefusal(error)
  if (refusal) {
    const { code, next, state } = refusal
    return { code, message: `database: ${message}; ${next}`, details: { sqlState: state } }
  }
  const stack = error instanceof Error ? error.stack : undefined
  return { code: 'UNEXPECTED', message, details: {}, ...(stack && { stack }) }
}

/** What the database refuses, as an error with code and next step; any other error as it is. */
function inWords(error: unknown): unknown {
  if (error instanceof TrifoldError || !databaseRefusal(error)) return error
  const { code, message, details } = failureOf(error)
  return new TrifoldError(code, message, { cause: error, details })
}

/** The outcome of some work. It throws as {@link inWords} says. */
export const refusedInWords = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error) => {
    throw inWords(error)
  })

/** An AggregateError of Node's network has its message in its parts only. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return reasonOf(error)
  if (error.message) return error.message
  const parts = error instanceof AggregateError ? error.errors.map(messageOf) : []
  return parts.join('; ') || error.name
}
