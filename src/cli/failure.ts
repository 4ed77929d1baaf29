import { type ErrorCode, TrifoldError } from '../errors.ts'
import { type Console, colorsOf, printJsonLine } from './console.ts'

/** Says on stderr what went wrong, in one line, and with `--json` on stdout what programs need. Returns the exit code. */
export function showFailure(console: Console, error: unknown, json: boolean): number {
  const { code, message, details } = failureOf(error)
  if (json) printJsonLine(console.stdout, { error: { code, message, details } })
  const { red, dim } = colorsOf(console.stderr)
  console.stderr.write(`${red('trifold:')} ${oneLine(message)} ${dim(`[${code}]`)}\n`)
  if (process.env.TRIFOLD_DEBUG === '1') console.stderr.write(`${stackOf(error)}\n`)
  return 1
}

interface Failure {
  code: ErrorCode
  message: string
  details: Record<string, unknown>
}

function failureOf(error: unknown): Failure {
  if (error instanceof TrifoldError) return { code: error.code, message: error.message, details: error.details }
  const message = error instanceof Error ? error.message || error.name : String(error)
  return fromDatabase((error as { code?: unknown })?.code, message) ?? unexpected(message)
}

/** What PostgreSQL refuses or breaks off without any fault of ours, by SQLSTATE or the system's own code. */
function fromDatabase(state: unknown, message: string): Failure | undefined {
  if (typeof state !== 'string') return undefined
  const because = databaseReasons.find(({ states }) => states.test(state))
  return (
    because && { code: because.code, message: `database: ${message}; ${because.next}`, details: { sqlState: state } }
  )
}

const databaseReasons: { states: RegExp; code: ErrorCode; next: string }[] = [
  { states: /^42501$/, code: 'PRIVILEGE_MISSING', next: '`trifold doctor` says which privileges Trifold needs' },
  {
    states: /^(08...|57P0[123]|ECONNRESET|ECONNREFUSED|EPIPE)$/,
    code: 'DATABASE_UNREACHABLE',
    next: 'the connection broke; check that PostgreSQL runs and try again',
  },
  { states: /^53300$/, code: 'DATABASE_UNREACHABLE', next: 'raise max_connections, or end idle sessions' },
]

const unexpected = (message: string): Failure => ({
  code: 'UNEXPECTED',
  message:
    `unexpected error: ${message}. Please report it with this line, the command, and the output of \`trifold doctor\` ` +
    'and of the command with TRIFOLD_DEBUG=1',
  details: {},
})

const oneLine = (text: string): string => text.trim().replaceAll(/\s*\n\s*/g, ' ')

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : `\ncaused by ${stackOf(error.cause)}`
  return `${error.stack}${cause}`
}
