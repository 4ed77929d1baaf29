import type { ErrorCode } from '../errors.ts'

/** What PostgreSQL refuses or breaks off without any fault of ours. */
export interface DatabaseRefusal {
  code: ErrorCode
  /** SQLSTATE, or the system's own code. */
  state: string
  /** What to do. */
  next: string
}

interface Refusal {
  states: RegExp
  /** What the message says, if the state alone does not tell. */
  message?: RegExp
  code: ErrorCode
  next: string
}

const refusals: readonly Refusal[] = [
  {
    states: /^(08P01|42P05|26000)$/,
    message: /unsupported startup parameter|prepared statement/,
    code: 'DATABASE_POOLED',
    next: 'a transaction pooler is between; point DATABASE_URL at PostgreSQL itself, or at a pool of sessions',
  },
  { states: /^53100$/, code: 'DATABASE_FULL', next: 'free space on the disk of PostgreSQL; nothing was lost' },
  {
    states: /^(3F000|42P01)$/,
    message: /"trifold[."]/,
    code: 'DATABASE_NOT_MIGRATED',
    next: 'run `trifold migrate`',
  },
  { states: /^42501$/, code: 'PRIVILEGE_MISSING', next: '`trifold doctor` says which privileges Trifold needs' },
  {
    states: /^(08...|57P0[123]|ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/,
    code: 'DATABASE_UNREACHABLE',
    next: 'the connection broke; check that PostgreSQL runs and try again',
  },
  {
    states: /^25006$/,
    code: 'DATABASE_UNREACHABLE',
    next: 'set default_transaction_read_only to off for the role of the workers, and point DATABASE_URL at the primary',
  },
  {
    states: /^57014$/,
    message: /statement timeout/,
    code: 'STATEMENT_TIMEOUT',
    next: 'take statement_timeout off the role: alter role … reset statement_timeout',
  },
  {
    states: /^53300$/,
    code: 'DATABASE_UNREACHABLE',
    next: 'raise max_connections or the connection limit of the role, or end idle sessions',
  },
]

/** The driver's own errors of a broken connection have no code. */
const isBrokenConnection = /^(Connection terminated|Client has encountered a connection error|timeout e\w+)/
const connectionFailure = '08006'

/** Recognizes it by the `code` of an error; undefined for any other error. */
export function databaseRefusal(error: unknown): DatabaseRefusal | undefined {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  const state = code ?? (isBrokenConnection.test(String(message)) ? connectionFailure : undefined)
  if (typeof state !== 'string') return undefined
  const found = refusals.find(
    (refusal) => refusal.states.test(state) && (refusal.message?.test(String(message)) ?? true),
  )
  return found && { code: found.code, next: found.next, state }
}
