import { setTimeout as delay } from 'node:timers/promises'
import { detachmentLock } from '../detachment.ts'
import { TrifoldError } from '../errors.ts'
import { faultPoint } from '../fault.ts'
import type { Materializer } from '../materializer.ts'
import { whileLocked } from '../rebuild/lock.ts'
import { measuredRefresh } from '../schema/refreshes.ts'
import { servingTarget } from '../schema/serving.ts'
import { milliseconds, type Span } from '../span.ts'
import { stillAfterSwitch } from '../toolkit/served.ts'
import type { Toolkit } from '../toolkit.ts'
import { type Choice, choiceOf, fitToServe, type SwitchTo } from './switch/choice.ts'
import { type Patience, untilCovers } from './switch/cover.ts'
import { whileStill } from './switch/still.ts'
import { commitSwitch } from './switch/store.ts'

export type { SwitchTo } from './switch/choice.ts'

/** How a switch is watched and stopped. */
export interface SwitchOptions {
  /** Longest wait until the new target covers the old one; default 1m. */
  timeout?: Span | undefined
  /** Ends the wait: nothing is switched. */
  signal?: AbortSignal | undefined
  /** Called when the old targets (that of requests, and that of the serving name) are held still; `expected` milliseconds, if that is known. */
  onHold?: ((hold: { targets: string[]; expected: number | undefined }) => void) | undefined
}

/** What was switched. */
export interface Switched {
  readModel: string
  /** The targets that requests without `from` went to, and go to now. */
  from: string
  to: string
  /** Whether the configuration decides again. */
  reset: boolean
  /** The target that the serving name shows in SQL; undefined if there is none. */
  name: string | undefined
  /** Milliseconds until the new target covered the old one, and how long of that the old one was held still. */
  waited: number
  held: number
}

const defaultTimeout = 60_000

/**
 * Chooses the target that requests without `from`, and the serving name, go to. It is stored and outranks the configuration;
 * running applications follow at once. It waits until the new target shows all that the old one has shown. For the last part
 * of that the old one is held still: its worker pauses, its readers see what they saw.
 *
 * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, SWITCH_IMPOSSIBLE, SWITCH_RUNNING, TARGET_DETACHED, DETACH_RUNNING,
 * TARGET_STOPPED, REBUILD_RUNNING, REFRESH_RUNNING, REFRESH_FAILED, WAIT_TIMEOUT, LEASE_LOST, FACADE_BUSY, FACADE_DEPENDED,
 * QUERY_INVALID for a timeout that is none: then nothing is switched
 */
export async function switchTarget(
  toolkit: Toolkit,
  readModel: string,
  wanted: SwitchTo,
  options: SwitchOptions = {},
): Promise<Switched> {
  const patience = patienceOf(options)
  await choiceOf(toolkit, readModel, wanted) // what is wrong with the words is said before anything else
  const { database } = toolkit.config
  const done = await whileLocked(database, `switch ${readModel}`, () =>
    whileLocked(database, detachmentLock(readModel), async () => {
      const choice = await choiceOf(toolkit, readModel, wanted)
      return { switched: await carryOut(toolkit, choice, patience, options) }
    }).then((done) => done ?? { switched: undefined }),
  )
  if (!done) throw running(readModel)
  if (!done.switched) throw detaching(readModel)
  return done.switched
}

function patienceOf({ timeout, signal }: SwitchOptions): Patience {
  const span = timeout === undefined ? defaultTimeout : milliseconds(timeout)
  if (span === undefined)
    throw new TrifoldError(
      'QUERY_INVALID',
      `switch: timeout is ${JSON.stringify(timeout)}; write a time span such as "30s" or "10m"`,
    )
  const late = AbortSignal.timeout(span)
  return { end: performance.now() + span, timeout: span, signal: signal ? AbortSignal.any([signal, late]) : late }
}

async function carryOut(
  toolkit: Toolkit,
  choice: Choice,
  patience: Patience,
  { onHold }: SwitchOptions,
): Promise<Switched> {
  const began = performance.now()
  const next = await fitToServe(toolkit, choice)
  const before = await shownBefore(toolkit, choice, next)
  // Without a hold first, so that little is left; a view is refreshed as a whole, however little has changed.
  if (before.length > 0 && next.fedBy === 'events') await untilCovers(toolkit, next, patience)
  const heldFrom = performance.now()
  const { covered, name } = await whileStill(before, patience.signal, async (check) => {
    if (before.length > 0) await coverHeld(toolkit, next, before, patience, onHold)
    await faultPoint('switch:covered')
    const name = await commitSwitch(toolkit, choice, next, { check, end: patience.end })
    const covered = performance.now()
    await faultPoint('switch:stored')
    if (before.length > 0) await delay(stillAfterSwitch)
    return { covered, name }
  })
  const { readModel, from, to, stored } = choice
  return { readModel, from, to, reset: stored === undefined, name, waited: covered - began, held: covered - heldFrom }
}

/** The targets that requests and the serving name show until now; one that cannot be opened shows nothing. */
async function shownBefore(
  toolkit: Toolkit,
  { readModel, from, to }: Choice,
  next: Materializer,
): Promise<Materializer[]> {
  const inSql = next.features.namedInSql ? await servingTarget(toolkit.pool, readModel) : undefined
  const shown = new Set([from, ...toolkit.targetNames.filter((target) => target === inSql)])
  shown.delete(to)
  const opened = await Promise.all([...shown].map((target) => toolkit.current(target).catch(() => undefined)))
  return opened.filter((one) => one !== undefined)
}

async function coverHeld(
  toolkit: Toolkit,
  next: Materializer,
  held: readonly Materializer[],
  patience: Patience,
  onHold: SwitchOptions['onHold'],
): Promise<void> {
  const { target } = next.context
  const expected = next.fedBy === 'schedule' ? await measuredRefresh(toolkit.pool, target) : undefined
  onHold?.({ targets: held.map((one) => one.context.target), expected })
  await untilCovers(toolkit, next, patience)
}

const running = (readModel: string): TrifoldError =>
  new TrifoldError('SWITCH_RUNNING', `switch: another process is switching ${readModel} now; wait for it`)

const detaching = (readModel: string): TrifoldError =>
  new TrifoldError(
    'DETACH_RUNNING',
    `switch: another process is detaching or attaching ${readModel} now; wait for it, and look at \`trifold status\``,
  )
