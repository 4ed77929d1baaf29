import { refuseDetached } from './detachment.ts'
import type { Row } from './encoding.ts'
import type { Materializer } from './materializer.ts'
import { elapsed } from './observe.ts'
import type { EventRegistry } from './outbox.ts'
import type { PlanDependent } from './schema/generations.ts'
import { insertVerification } from './schema/verifications.ts'
import { compareFed } from './verify/compare-fed.ts'
import { compareView } from './verify/compare-view.ts'
import type { Difference } from './verify/difference.ts'
import type { Extent, Outcome } from './verify/extent.ts'
import { repair } from './verify/repair.ts'

export type { Difference } from './verify/difference.ts'

/** How the rows of one target compare with the definition. */
export interface Verification {
  target: string
  /** Rows of the definition that were compared. */
  rows: number
  /** Their share of the target, from 0 to 1. */
  share: number
  /** Rows of the definition that the target lacks. */
  missing: number
  /** Rows of the target that the definition lacks. */
  surplus: number
  /** Rows of both that have different values. */
  different: number
  /** Rows that differ and are not counted above: an event was parked, and their keys are not recomputed yet. */
  suspect: number
  /** The keys of the first differences. */
  examples: string[]
  /** The first hundred differences, with columns and values. */
  differences: Difference[]
  /** Rows that were put right. */
  repaired: number
  /** Columns that were not compared, because their values depend on the plan. */
  leftOut: PlanDependent[]
  /** The snapshot at which rows were compared last, as PostgreSQL writes it. */
  snapshot: string
  milliseconds: number
}

const mostExamples = 5
/** Differences that are kept in `trifold.verifications`. */
const mostRecorded = 20

/** What a run is, beside what it compares. */
export interface RunOptions extends Extent {
  cause: 'manual' | 'continuous'
  repair?: boolean | undefined
}

/** One comparison, with its repair and its row in `trifold.verifications`. */
export async function runVerification(
  materializer: Materializer,
  events: EventRegistry,
  { cause, repair: repairs, ...extent }: RunOptions,
): Promise<Verification & { upTo: Row | undefined }> {
  const { target, pool } = materializer.context
  await refuseDetached(pool, 'verify', target)
  const began = performance.now()
  const { rows: expected = 0 } = await materializer.status()
  const run = await compare(materializer, events, expected, extent)
  const repaired = repairs && run.findings.keys.size > 0 ? await repair(materializer, run.findings.keys) : 0
  const verification = { ...summary(target, run, { expected, extent }), repaired, milliseconds: elapsed(began) }
  const sampled = (extent.share ?? 1) < 1
  await insertVerification(pool, {
    ...verification,
    generationId: run.generation.id,
    cause,
    sampled,
    after: extent.after,
    upTo: sampled ? undefined : run.findings.upTo,
    differences: run.findings.differences,
    examples: verification.differences.slice(0, mostRecorded),
  })
  return { ...verification, upTo: run.findings.upTo }
}

const compare = (
  materializer: Materializer,
  events: EventRegistry,
  expected: number,
  extent: Extent,
): Promise<Outcome> =>
  materializer.fedBy === 'events'
    ? compareFed(materializer, events, expected, extent)
    : compareView(materializer, expected, extent)

function summary(
  target: string,
  { findings, snapshot, leftOut }: Outcome,
  { expected, extent }: { expected: number; extent: Extent },
): Omit<Verification, 'repaired' | 'milliseconds'> {
  const { rows, missing, surplus, different, suspect, shown } = findings
  const isWhole = (extent.share ?? 1) === 1 && !extent.after && findings.upTo === undefined
  return {
    target,
    rows,
    share: isWhole ? 1 : Math.min(1, rows / Math.max(1, rows, expected)),
    missing,
    surplus,
    different,
    suspect,
    examples: shown.slice(0, mostExamples).map(({ key }) => key),
    differences: shown,
    leftOut,
    snapshot: snapshot.text,
  }
}
