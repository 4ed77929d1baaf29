import { failureOf } from '../../observe.ts'

/** The outcome of one check. */
export interface Finding {
  part: 'configuration' | 'postgresql' | 'outbox' | 'opensearch' | 'redis' | 'targets'
  /** A stable name, for programs. */
  check: string
  /** `problem`: something does not work. `warning`: it works, and will hurt. */
  level: 'ok' | 'warning' | 'problem'
  message: string
  /** What to do, if anything. */
  next?: string
}

/** What a check says, before it is known which part and check it is. */
export type Told = Omit<Finding, 'part' | 'check'>

export const ok = (message: string): Told => ({ level: 'ok', message })
export const warning = (message: string, next: string): Told => ({ level: 'warning', message, next })
export const problem = (message: string, next: string): Told => ({ level: 'problem', message, next })

/** Named checks on the same facts; one that has nothing to say gives undefined. */
export type Checks<Facts> = Record<string, (facts: Facts) => Told | undefined>

/** Runs checks in their order. */
export function runChecks<Facts>(part: Finding['part'], checks: Checks<Facts>, facts: Facts): Finding[] {
  return Object.entries(checks).flatMap(([check, run]) => {
    const told = run(facts)
    return told ? [{ part, check, ...told }] : []
  })
}

/** An error as a finding; its message names the next step already. */
export const failed = (part: Finding['part'], check: string, error: unknown): Finding => ({
  part,
  check,
  level: 'problem',
  message: failureOf(error).message,
})
