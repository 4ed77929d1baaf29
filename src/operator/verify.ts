import { TrifoldError } from '../errors.ts'
import type { Materializer } from '../materializer.ts'
import { rebuildUnderWay } from '../schema/generations.ts'
import type { Toolkit } from '../toolkit.ts'
import { runVerification, type Verification } from '../verify.ts'
import { targetsNamed } from './targets-named.ts'

export type { Verification } from '../verify.ts'

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

/**
 * Compares targets with their definitions while they are written, both sides at one snapshot: what differs is wrong. A view
 * is refreshed and compared within the refresh.
 *
 * @param names targets, or read models for all of theirs; none means all that are configured
 * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN; VERIFY_IMPOSSIBLE for a sample that is no share, and for a target that was
 * never built or is far behind; REBUILD_RUNNING, TARGET_STOPPED, TARGET_DETACHED, REFRESH_RUNNING
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

type Counts = Pick<Verification, 'missing' | 'surplus' | 'different'>

/** How many rows differ. */
export const differing = ({ missing, surplus, different }: Counts): number => missing + surplus + different

/** Whether a target holds exactly the rows of the definition, as far as they were compared. */
export const isEqual = (counts: Counts): boolean => differing(counts) === 0

async function verifyTarget(
  toolkit: Toolkit,
  materializer: Materializer,
  { sample, repair: repairs, onProgress, signal }: VerifyOptions,
): Promise<Verification> {
  const { target } = materializer.context
  if (await rebuildUnderWay(toolkit.pool, target)) throw beingRebuilt(target)
  const { upTo: _upTo, ...verification } = await runVerification(materializer, toolkit.config.events, {
    cause: 'manual',
    repair: repairs,
    share: sample,
    signal,
    onProgress: onProgress && ((rows, expected) => onProgress({ target, rows, expected })),
  })
  return verification
}

/** None means all that are configured. */
async function targetsOf(toolkit: Toolkit, names: readonly string[]): Promise<Materializer[]> {
  const wanted = names.length === 0 ? toolkit.targetNames : targetsNamed(toolkit, names)
  return Promise.all(wanted.map((target) => toolkit.reopened(target)))
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
