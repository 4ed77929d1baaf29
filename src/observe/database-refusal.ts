import type { ErrorCode } from '../errors.ts'

/** What PostgreSQL refuses or breaks off without any fault of ours. */
export interface DatabaseRefusal {
  code: ErrorCode
  /** SQLSTATE, or the system's own code. */
  state: string
  /** What to do. */
  next: string
}

const refusals: { states: RegExp; code: ErrorCode; next: string }[] = [
  { states: /^42501$/, code: 'PRIVILEGE_MISSING', next: '`trifold doctor` says which privileges Trifold needs' },
  {
    states: /^(08...|57P0[123]|ECONNRESET|ECONNREFUSED|EPIPE)$/,
    code: 'DATABASE_UNREACHABLE',
    next: 'the connection broke; check that PostgreSQL runs and try again',
  },
  { states: /^53300$/, code: 'DATABASE_UNREACHABLE', next: 'raise max_connections, or end idle sessions' },
]

/** The driver's own errors of a broken connection have no code. */
const isBrokenConnection = /^(Connection terminated|Client has encountered a connection error)/
const connectionFailure = '08006'

/** Recognizes it by the `code` of an error; undefined for any other error. */
export function databaseRefusal(error: unknown): DatabaseRefusal | undefined {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  const state = code ?? (isBrokenConnection.test(String(message)) ? connectionFailure : undefined)
  if (typeof state !== 'string') return undefined
  const found = refusals.find(({ states }) => states.test(state))
  return found && { code: found.code, next: found.next, state }
}
