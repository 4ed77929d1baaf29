import type { VerifySettings } from '../config.ts'
import { isHeld } from '../detachment.ts'
import type { Materializer } from '../materializer.ts'
import { failureOf, type Observe } from '../observe.ts'
import { pause } from '../pause.ts'
import { whileLocked } from '../rebuild/lock.ts'
import { readDetachment } from '../schema/detachments.ts'
import { rebuildUnderWay, servingGeneration } from '../schema/generations.ts'
import { lastVerifiedKey, pruneVerifications } from '../schema/verifications.ts'
import { parseTarget } from '../target.ts'
import type { Toolkit } from '../toolkit.ts'
import { runVerification } from '../verify.ts'

/** Rows of a range: less work at once than a command does. */
const rowsOfRange = 5_000

/** A turn begins no further range of keys after so many milliseconds. */
const turn = 500

/** Shortest pause between two turns, in milliseconds. */
const shortestPause = 1_000

/** A target that is behind is left for its next turn. */
const patience = 2_000

/** How long the rows of `trifold.verifications` are kept. */
const keepDays = 30

/** How the targets of a worker are verified all the time. */
export interface Verifying extends VerifySettings {
  observe?: Observe | undefined
  signal: AbortSignal
}

/**
 * Verifies the targets of a worker range by range, one after the other and from the beginning again, until the signal
 * aborts. It works for the share `budget` of the time. Of several workers one verifies a target at a time.
 */
export async function keepVerifying(
  toolkit: Toolkit,
  targets: readonly Materializer[],
  options: Verifying,
): Promise<void> {
  const { budget, signal } = options
  const said = new Map<string, string>()
  for (let place = 0; !signal.aborted && targets.length > 0; place++) {
    const { target } = (targets[place % targets.length] as Materializer).context
    const began = performance.now()
    const failed = await takeTurn(toolkit, target, options).catch((error: Error) => error)
    if (!signal.aborted) report(target, failed, said, options.observe)
    const took = performance.now() - began
    await pause(Math.max(shortestPause, took / budget - took), signal)
  }
}

/** The same message is said once. */
function report(target: string, failed: Error | undefined, said: Map<string, string>, observe?: Observe): void {
  if (failed && said.get(target) !== failed.message)
    observe?.({ kind: 'verify.failed', target, error: failureOf(failed) })
  said.set(target, failed?.message ?? '')
}

/** A target that is detached is left alone, and one that was attached has another definition. */
async function takeTurn(toolkit: Toolkit, target: string, options: Verifying): Promise<undefined> {
  const { pool, config } = toolkit
  if (isHeld(await readDetachment(pool, parseTarget(target).readModel))) return
  await whileLocked(config.database, `verify ${target}`, async () => {
    const materializer = await toolkit.current(target)
    if (await rebuildUnderWay(pool, target)) return
    await verifyNext(toolkit, materializer, options)
    await pruneVerifications(pool, keepDays)
  })
}

async function verifyNext(
  { config, pool }: Toolkit,
  materializer: Materializer,
  { repair, signal, observe }: Verifying,
): Promise<void> {
  const { target } = materializer.context
  const generation = await servingGeneration(pool, target)
  if (!generation) return
  const after = await lastVerifiedKey(pool, target, generation.id)
  const extent = { after, limit: rowsOfRange, within: turn, patience, signal }
  const run = await runVerification(materializer, config.events, { cause: 'continuous', repair, ...extent })
  const { rows, missing, surplus, different, repaired, examples, milliseconds: ms } = run
  const differences = missing + surplus + different
  if (differences === 0) observe?.({ kind: 'verify.finished', target, rows, ms })
  else observe?.({ kind: 'verify.differs', target, rows, differences, repaired, examples, ms })
}
