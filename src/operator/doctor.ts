import type { ResolvedConfig } from '../config.ts'
import type { Finding } from './doctor/finding.ts'
import { examinePostgres } from './doctor/postgres.ts'
import { examineRedis } from './doctor/redis.ts'
import { examineSearch } from './doctor/search.ts'

export type { Finding } from './doctor/finding.ts'

/** What `doctor` found. */
export interface DoctorReport {
  /** True where there is no problem; warnings are fine. */
  ok: boolean
  findings: Finding[]
}

/**
 * Checks the engines, what the role may do, and the settings that hurt. It changes nothing and never throws: an engine
 * that does not answer is a finding.
 */
export async function doctor(config: ResolvedConfig): Promise<DoctorReport> {
  const parts = await Promise.all([examinePostgres(config), examineSearch(config), examineRedis(config)])
  const findings = parts.flat()
  return { ok: findings.every(({ level }) => level !== 'problem'), findings }
}
