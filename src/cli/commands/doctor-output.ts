import type { DoctorReport, Finding } from '../../operator/doctor.ts'
import type { Colors } from '../console.ts'

/** One line a check, and a second one if there is something to do. */
export function doctorText({ findings }: DoctorReport, colors: Colors): string {
  const lines = findings.map((finding) => {
    const next = finding.next ? `\n       ${colors.dim(`→ ${finding.next}`)}` : ''
    return `${markOf(finding, colors)}  ${finding.part}: ${finding.message}${next}`
  })
  const count = (level: Finding['level']) => findings.filter((finding) => finding.level === level).length
  const summary = `problems: ${count('problem')}, warnings: ${count('warning')}, passed: ${count('ok')}`
  return `${lines.join('\n')}\n\n${summary}`
}

function markOf({ level }: Finding, colors: Colors): string {
  if (level === 'ok') return colors.green('ok  ')
  return level === 'warning' ? colors.yellow('warn') : colors.red('FAIL')
}
