import type { AuditEntry } from '../../operator/audit.ts'
import type { Colors } from '../console.ts'
import { tableText } from '../table.ts'

/** A line for each action, the newest first. */
export function auditText(entries: readonly AuditEntry[], colors: Colors): string {
  if (entries.length === 0) return 'nobody has done anything in the console'
  const titles = ['at', 'who', 'what', '', ''].map((title) => colors.dim(title))
  const rows = entries.map(({ at, actor, action, subject, outcome = 'no outcome yet', detail = '' }) => [
    at,
    actor,
    `${action} ${subject}`,
    outcome === 'failed' ? colors.red(outcome) : outcome,
    detail,
  ])
  return tableText(['left', 'left', 'left', 'left', 'left'], [titles, ...rows])
}
