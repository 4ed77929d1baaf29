import type { Finding } from '../../src/operator/doctor.ts'

/** What the doctor finds, without the one thing that it has against the tests' own server: that it never waits for the disk. */
export const besideDurability = <T extends Pick<Finding, 'check'>>(findings: readonly T[]): T[] =>
  findings.filter(({ check }) => check !== 'durability')
