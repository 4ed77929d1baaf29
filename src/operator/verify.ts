import type { Row } from '../encoding.ts'
import { TrifoldError } from '../errors.ts'
import type { Materializer } from '../materializer.ts'
import { elapsed } from '../observe.ts'
import { configuredTargets } from '../read-model/feed.ts'
import type { ReadModel } from '../read-model.ts'
import { rebuildUnderWay } from '../schema/generations.ts'
import { insertVerification } from '../schema/verifications.ts'
import type { Toolkit } from '../toolkit.ts'
import { type Difference, type Extent, type LeftOut, type Run, verifyFed, verifyView } from '../verify.ts'
import { repair } from './verify/repair.ts'

/** How targets are verified. */
export interface VerifyOptions {
  /** The share of the rows, above 0 and up to 1: 0.01 is one percent, in ranges taken at random. Default all. */
  sample?: number | undefined
  /** Whether what differs is put right. Default false. */
  repair?: boolean | undefined
  /** Called while rows are compared. `expected` is estimated. */
  onProgress?: ((progress: { target: string; rows: number; expected: number }) => void) | undefined
  signal?: AbortSignal | undefined
}

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
  /** The keys of the first differences. */
  examples: string[]
  /** The first hundred differences, with columns and values. */
  differences: Difference[]
  /** Rows that were put right. */
  repaired: number
  /** Columns that were not compared, because their values depend on the plan. */
  leftOut: LeftOut[]
  /** The snapshot at which rows were compared last, as PostgreSQL writes it. */
  snapshot: string
  milliseconds: number
}

const mostExamples = 5
/** Differences that are kept in `trifold.verifications`. */
const mostRecorded = 20

/**
 * Compares targets with their definitions while they are written, both sides at one snapshot: what differs is wrong. A view
 * is refreshed and compared within the refresh.
 *
 * @param names targets, or read models for all of theirs; none means all that are configured
 * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN; VERIFY_IMPOSSIBLE for a sample that is no share, and for a target that was
 * never built or is far behind; REBUILD_RUNNING, TARGET_STOPPED, REFRESH_RUNNING
 */
export async function verify(
  toolkit: Toolkit,
  names: string | readonly string[] = [],
  options: VerifyOptions = {},
): Promise<Verification[]> {
  checkSample(options.sample)
  const targets = await targetsOf(toolkit, typeof names === 'string' ? [names] : names)
  const verifications: Verification[] = []
  for (const target of targets) verifications.push(await verifyTarget(toolkit, target, options))
  return verifications
}

/** Whether a target holds exactly the rows of the definition, as far as they were compared. */
export const isEqual = ({ missing, surplus, different }: Pick<Verification, 'missing' | 'surplus' | 'different'>) =>
  missing + surplus + different === 0

/** What a run is, beside what it compares. */
export interface RunOptions extends Extent {
  cause: 'manual' | 'continuous'
  repair?: boolean | undefined
}

/** One comparison, with its repair and its row in `trifold.verifications`. */
export async function runVerification(
  toolkit: Toolkit,
  materializer: Materializer,
  { cause, repair: repairs, ...extent }: RunOptions,
): Promise<Verification & { upTo: Row | undefined }> {
  const { target } = materializer.context
  const began = performance.now()
  const { rows: expected = 0 } = await materializer.status()
  const run = await compare(toolkit, materializer, expected, extent)
  const repaired = repairs && run.findings.keys.size > 0 ? await repair(materializer, run.findings.keys) : 0
  const verification = { ...summary(target, run, { expected, extent }), repaired, milliseconds: elapsed(began) }
  const sampled = (extent.share ?? 1) < 1
  await insertVerification(toolkit.pool, {
    ...verification,
    generationId: run.generation.id,
    cause,
    sampled,
    after: extent.after,
    upTo: sampled ? undefined : run.findings.upTo,
    differences: run.findings.keys.size,
    examples: verification.differences.slice(0, mostRecorded),
  })
  return { ...verification, upTo: run.findings.upTo }
}

async function verifyTarget(
  toolkit: Toolkit,
  materializer: Materializer,
  { sample, repair: repairs, onProgress, signal }: VerifyOptions,
): Promise<Verification> {
  const { target } = materializer.context
  if (await rebuildUnderWay(toolkit.pool, target)) throw beingRebuilt(target)
  const { upTo: _upTo, ...verification } = await runVerification(toolkit, materializer, {
    cause: 'manual',
    repair: repairs,
    share: sample,
    signal,
    onProgress: onProgress && ((rows, expected) => onProgress({ target, rows, expected })),
  })
  return verification
}

const compare = (toolkit: Toolkit, materializer: Materializer, expected: number, extent: Extent): Promise<Run> =>
  materializer.fedBy === 'events'
    ? verifyFed(materializer, toolkit.config.events, expected, extent)
    : verifyView(materializer, expected, extent)

function summary(
  target: string,
  { findings, snapshot, leftOut }: Run,
  { expected, extent }: { expected: number; extent: Extent },
): Omit<Verification, 'repaired' | 'milliseconds'> {
  const { rows, missing, surplus, different, shown, keys } = findings
  const isWhole = (extent.share ?? 1) === 1 && !extent.after && findings.upTo === undefined
  return {
    target,
    rows,
    share: isWhole ? 1 : Math.min(1, rows / Math.max(1, rows, expected)),
    missing,
    surplus,
    different,
    examples: [...keys.keys()].slice(0, mostExamples),
    differences: shown,
    leftOut,
    snapshot: snapshot.text,
  }
}

async function targetsOf(toolkit: Toolkit, names: readonly string[]): Promise<Materializer[]> {
  const wanted = names.length === 0 ? toolkit.targetNames : names.flatMap((name) => targetsNamed(toolkit, name))
  return Promise.all([...new Set(wanted)].map((target) => toolkit.reopened(target)))
}

function targetsNamed(toolkit: Toolkit, name: string): string[] {
  if (name.includes('@')) return [name]
  toolkit.readModel(name) // it throws for an unknown one
  return configuredTargets(name, toolkit.config.readModels[name] as ReadModel).map(({ target }) => target)
}

function checkSample(sample: number | undefined): void {
  if (sample === undefined || (sample > 0 && sample <= 1)) return
  throw new TrifoldError(
    'VERIFY_IMPOSSIBLE',
    `verify: a sample is a share of the rows, above 0 and up to 1 (100%); ${sample} is none`,
  )
}

const beingRebuilt = (target: string): TrifoldError =>
  new TrifoldError(
    'REBUILD_RUNNING',
    `verify: ${target} is being rebuilt now; look at \`trifold status\`, and verify it once the new generation serves`,
  )
