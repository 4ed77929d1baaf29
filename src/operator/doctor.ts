import type { ResolvedConfig } from '../config.ts'
import type { Finding } from './doctor/finding.ts'
import { examinePostgres } from './doctor/postgres.ts'
import { examineRedis } from './doctor/redis.ts'
import { examineSearch } from './doctor/search.ts'
import { examineTargets } from './doctor/targets.ts'

export type { Finding } from './doctor/finding.ts'

/** What `doctor` found. */
export interface DoctorReport {
  /** True if there is no problem; warnings are fine. */
  ok: boolean
  findings: Finding[]
}

/**
 * Checks the engines, what the role may do, the settings that hurt, and what `status` says of the targets. It changes nothing and never throws: an engine
 * that does not answer is a finding.
 */
export async function doctor(config: ResolvedConfig): Promise<DoctorReport> {
  const parts = await Promise.all([examinePostgres(config), examineSearch(config), examineRedis(config)])
  const reached = parts.flat().some(({ part, level }) => part === 'outbox' && level !== 'problem')
  const findings = [...parts.flat(), ...(reached ? await examineTargets(config) : [])]
  return { ok: findings.every(({ level }) => level !== 'problem'), findings }
}
