import { Projector } from './consumer/projector.ts'
import type { Column } from './definition.ts'
import type { Row } from './encoding.ts'
import { TrifoldError } from './errors.ts'
import type { EventFed, Scheduled, TargetContext } from './materializer.ts'
import type { EventRegistry } from './outbox.ts'
import { pause } from './pause.ts'
import type { Generation } from './schema/generations.ts'
import type { Snapshot } from './snapshot.ts'
import { parseSnapshot } from './snapshot.ts'
import { Ahead } from './verify/ahead.ts'
import { Comparer } from './verify/comparer.ts'
import { Findings } from './verify/findings.ts'
import { samplePlaces } from './verify/places.ts'
import { openSitting, type Sitting } from './verify/sitting.ts'

export type { Difference } from './verify/difference.ts'
export { repairKeys } from './verify/repair.ts'

/** One snapshot is held for no longer than this, in milliseconds, if the definition can be read range by range. */
const longestSitting = 10_000

/** How long a target that is behind, or a view that is being refreshed, is waited for, in milliseconds. */
const defaultPatience = 60_000
const tryAgainAfter = 200
const never = new AbortController().signal

/** What is compared. */
export interface Extent {
  /** The share of the rows, above 0 and up to 1; default 1. Of less than 1 the ranges are taken at random. */
  share?: number | undefined
  /** Behind which key to begin; only of all rows. */
  after?: Row | undefined
  /** Most milliseconds after which no further range is begun. */
  within?: number | undefined
  onProgress?: ((rows: number, expected: number) => void) | undefined
  signal?: AbortSignal | undefined
  /** How long to wait until the target can be compared, in milliseconds; default 60,000. */
  patience?: number | undefined
}

/** What came of a run. */
export interface Run {
  findings: Findings
  generation: Generation
  /** The last snapshot at which rows were compared. */
  snapshot: Snapshot
  /** Columns that were not compared, and why. */
  leftOut: LeftOut[]
}

/** A column whose value depends on how PostgreSQL happens to run the definition. */
export interface LeftOut {
  column: string
  reason: string
}

/**
 * Compares a target that events feed with its definition, while it is written. Both sides are at one snapshot by
 * construction, so what differs is wrong.
 *
 * @param expected rows of the target, as far as the engine knows
 * @throws VERIFY_IMPOSSIBLE if it is too far behind, or was never built; TARGET_STOPPED
 */
export async function verifyFed(
  materializer: EventFed,
  events: EventRegistry,
  expected: number,
  extent: Extent = {},
): Promise<Run> {
  const { definition, model } = materializer.context
  const projector = new Projector(definition, model, events)
  const findings = new Findings()
  const began = performance.now()
  let at: { sitting: Sitting; comparer: Comparer; leftOut: LeftOut[]; since: number } | undefined
  const scene = async () => {
    if (at && (at.comparer.isCopy || performance.now() - at.since < longestSitting)) return at
    await at?.sitting.close()
    at = undefined
    const sitting = await sittingInTime(materializer, projector, extent)
    const { columns, leftOut } = comparedColumns(materializer.context, sitting.generation)
    const comparer = await Comparer.open(definition, columns, sitting, expected * (extent.share ?? 1))
    at = { sitting, comparer, leftOut, since: performance.now() }
    return at
  }
  try {
    for await (const [after, limit] of placesOf(
      () => scene().then(({ comparer }) => comparer),
      findings,
      expected,
      extent,
    )) {
      const { comparer } = await scene()
      findings.add(await comparer.range(after, limit))
      extent.onProgress?.(findings.rows, expected)
      if (performance.now() - began > (extent.within ?? Number.POSITIVE_INFINITY)) break
    }
    const { sitting, leftOut } = at ?? (await scene())
    return { findings, generation: sitting.generation, snapshot: sitting.snapshot, leftOut }
  } finally {
    await at?.sitting.close()
  }
}

/** Where the ranges begin: one behind the other, or at random. */
async function* placesOf(
  comparer: () => Promise<Comparer>,
  findings: Findings,
  expected: number,
  { share = 1, after, signal }: Extent,
): AsyncGenerator<[after: Row | undefined, limit: number]> {
  if (share < 1) {
    const { starts, limit } = await samplePlaces(await comparer(), share, expected)
    for (const start of starts) {
      signal?.throwIfAborted()
      yield [start, limit]
    }
    return
  }
  findings.upTo = after
  do {
    signal?.throwIfAborted()
    yield [findings.upTo, (await comparer()).limit]
  } while (findings.upTo !== undefined)
}

async function sittingInTime(materializer: EventFed, projector: Projector, extent: Extent): Promise<Sitting> {
  const { patience = defaultPatience, signal } = extent
  const deadline = performance.now() + patience
  for (;;) {
    signal?.throwIfAborted()
    const sitting = await openSitting(materializer, projector)
    if (sitting) return sitting
    if (performance.now() > deadline) throw tooFarBehind(materializer.context.target)
    await pause(tryAgainAfter, signal ?? never)
  }
}

/**
 * Compares a view with its definition inside a refresh: only there both are at one snapshot.
 *
 * @throws REFRESH_RUNNING if others refresh it all the time; REFRESH_FAILED, KEY_INVALID
 */
export async function verifyView(view: Scheduled, expected: number, extent: Extent = {}): Promise<Run> {
  const { patience = defaultPatience, signal } = extent
  const { context } = view
  let run: Omit<Run, 'snapshot'> | undefined
  const inspect = async (client: Sitting['client'], generation: Generation) => {
    run = await compareView(context, client, generation, { expected, extent })
  }
  const deadline = performance.now() + patience
  for (;;) {
    const { snapshot } = await view.refresh({ cause: 'manual', inspect, ...(signal && { signal }) })
    if (run) return { ...run, snapshot: parseSnapshot(snapshot as string) }
    if (performance.now() > deadline) throw refreshRunning(context.target)
    await pause(tryAgainAfter, signal ?? never)
  }
}

/** Within the transaction of a refresh. */
async function compareView(
  context: TargetContext,
  client: Sitting['client'],
  generation: Generation,
  { expected, extent }: { expected: number; extent: Extent },
): Promise<Omit<Run, 'snapshot'>> {
  const { definition } = context
  const findings = new Findings()
  const { columns, leftOut } = comparedColumns(context, generation)
  const compare = { client, generation, ahead: new Ahead(definition), rowSnapshots: new Map(), frozen: undefined }
  const comparer = await Comparer.open(definition, columns, compare, expected * (extent.share ?? 1))
  for await (const [after, limit] of placesOf(async () => comparer, findings, expected, extent)) {
    findings.add(await comparer.range(after, limit))
    extent.onProgress?.(findings.rows, expected)
  }
  return { findings, generation, leftOut }
}

function comparedColumns(
  { definition }: TargetContext,
  { resolution }: Generation,
): { columns: Column[]; leftOut: LeftOut[] } {
  const leftOut = (resolution.planDependent ?? []).filter(
    ({ column }) => !definition.key.some(({ name }) => name === column),
  )
  const columns = definition.columns.filter(({ name }) => !leftOut.some(({ column }) => column === name))
  return { columns, leftOut }
}

const tooFarBehind = (target: string): TrifoldError =>
  new TrifoldError(
    'VERIFY_IMPOSSIBLE',
    `verify: ${target} is more than 20,000 events behind; start \`trifold worker\`, wait until it has caught up, and run it again`,
  )

const refreshRunning = (target: string): TrifoldError =>
  new TrifoldError('REFRESH_RUNNING', `verify: ${target} is being refreshed by others all the time; run it again later`)
