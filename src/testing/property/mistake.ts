import { isTrifoldError } from '../../errors.ts'
import { sqlState } from '../../sql.ts'

/**
 * Whether what a command threw is a mistake of its author. Everything else is a refusal by the application or by the
 * database, as concurrent writers have them: a rule, a constraint, a lock, a conflict of versions.
 */
export function isMistake(error: unknown): boolean {
  if (error instanceof TypeError || error instanceof ReferenceError || error instanceof SyntaxError) return true
  if (isTrifoldError(error)) return true
  const code = sqlState(error) ?? sqlState((error as { cause?: unknown } | undefined)?.cause)
  // Statements that do not compile, no connection, no resources, internal errors; and the names of system errors.
  return /^(42|08|53|58|XX)...$|^E[A-Z]+$/.test(code ?? '')
}
