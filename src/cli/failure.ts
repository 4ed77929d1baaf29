import { type ErrorCode, TrifoldError } from '../errors.ts'
import { databaseRefusal } from '../observe/database-refusal.ts'
import { type Console, colorsOf, printJsonLine } from './console.ts'

/** Says on stderr what went wrong, in one line, and with `--json` on stdout what programs need. Returns the exit code. */
export function showFailure(console: Console, error: unknown, json: boolean): number {
  const failure = describeFailure(error)
  if (json) printJsonLine(console.stdout, { error: failure })
  write(console, failure.message, failure.code)
  if (process.env.TRIFOLD_DEBUG === '1') console.stderr.write(`${stackOf(error)}\n`)
  return 1
}

/** Says on stderr that one of several targets failed. */
export const showTargetFailure = (console: Console, target: string, { code, message }: Failure): void =>
  write(console, `${target}: ${message}`, code)

function write(console: Console, message: string, code: ErrorCode): void {
  const { red, dim } = colorsOf(console.stderr)
  console.stderr.write(`${red('trifold:')} ${oneLine(message)} ${dim(`[${code}]`)}\n`)
}

/** An error as `--json` prints it. */
export interface Failure {
  code: ErrorCode
  message: string
  details: Record<string, unknown>
}

/** What an error tells: its code, and in its message the next step. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof TrifoldError) return { code: error.code, message: error.message, details: error.details }
  const message = error instanceof Error ? error.message || error.name : String(error)
  const refusal = databaseRefusal(error)
  if (!refusal) return unexpected(message)
  const { code, next, state } = refusal
  return { code, message: `database: ${message}; ${next}`, details: { sqlState: state } }
}

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
