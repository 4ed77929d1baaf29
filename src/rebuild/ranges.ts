import type pg from 'pg'
import { inTransaction, openClient } from '../database.ts'
import { definitionCost } from '../definition/plan-cost.ts'
import { TrifoldError } from '../errors.ts'
import type { RangeBuild } from '../generation/build.ts'
import { beginRanges, type Generation, holdBuild, lastBuild } from '../schema/generations.ts'
import { readRangeSnapshots } from '../schema/range-snapshots.ts'
import { windowsFrom } from '../schema/windows.ts'
import { parseSnapshot } from '../snapshot.ts'
import { type Building, buildPoint, completeCopy } from './building.ts'
import { KeyBounds, rangeSettings } from './key-bounds.ts'
import { Pace } from './pace.ts'
import { continuedElsewhere, RangeCopy } from './range-copy.ts'
import { RangeSize } from './range-size.ts'

/** How a definition is read range by range. */
export interface Ranges {
  build: RangeBuild
  bounds: KeyBounds
  size: RangeSize
  /** Rows that the planner expects. */
  expected: number
}

/**
 * How the definition of a target is to be read range by range; undefined if one snapshot serves better: all of it fits into
 * one range, or each range would cost as much as the whole. A rebuild that does not catch up has no ranges: they
 * are at different snapshots until then.
 *
 * @param isBegun whether ranges were copied before
 */
export async function rangesOf(
  { client, materializer, build, next }: Building,
  isBegun: boolean,
): Promise<Ranges | undefined> {
  const { definition } = materializer.context
  if (!build.ranges || !next.catchUp || materializer.fedBy !== 'events') return undefined
  const size = new RangeSize()
  const bounds = await KeyBounds.of(client, definition)
  const whole = await definitionCost(client, definition)
  const ranges = { build: build.ranges, bounds, size, expected: whole.rows }
  if (isBegun) return ranges
  const first = await bounds.next(undefined, size.rows)
  if (!first) return undefined
  if (size.isFixed || (await bounds.areCheap(whole, first, size.rows))) return ranges
  next.observe?.({
    kind: 'rebuild.at-one-snapshot',
    target: materializer.context.target,
    rows: whole.rows,
    ...(await lastTime(client, materializer.context.target)),
  })
  return undefined
}

async function lastTime(client: pg.ClientBase, target: string): Promise<{ expectedMs?: number }> {
  const last = await lastBuild(client, target)
  return last ? { expectedMs: Math.round(last.milliseconds) } : {}
}

/** Copies the ranges that are not copied yet, and completes the storage. */
export async function copyRanges(building: Building, begun: Generation, ranges: Ranges): Promise<Generation> {
  const { client, materializer, next, builder } = building
  const { context } = materializer
  const generation = begun.buildSnapshot === undefined ? await begin(building, begun, ranges.build) : begun
  const copy = new RangeCopy({
    ...ranges,
    generation,
    builder,
    nullable: context.definition.key.filter(({ neverNull }) => !neverNull).map(({ name }) => name),
    pace: new Pace(next.maxRate),
    copied: await readRangeSnapshots(client, generation.id),
    connect: () => openClient(context.databaseUrl, { name: `rebuild ${context.target}`, settings: rangeSettings }),
    onProgress: (rows) => next.onProgress?.(rows, rows < ranges.expected ? ranges.expected : undefined),
    signal: next.signal,
  })
  const rows = await copy.run()
  await ranges.build.finish(client, generation)
  next.onProgress?.(rows, rows)
  return complete(building, generation, rows)
}

/** Notes a snapshot before those of all ranges, and where the cursor will start: behind the last window before it. */
async function begin(
  { client, materializer, builder }: Building,
  generation: Generation,
  build: RangeBuild,
): Promise<Generation> {
  const handlersVersion = materializer.context.model.version ?? 1
  const begun = await inTransaction(
    client,
    async () => {
      const point = await buildPoint(client)
      return { point, noted: await beginRanges(client, generation, { ...point, handlersVersion, builder }) }
    },
    'repeatable read',
  )
  await build.begin(client, begun.noted, begun.point.window)
  return begun.noted
}

async function complete(building: Building, generation: Generation, rows: number): Promise<Generation> {
  const { client, builder } = building
  const [window] = await windowsFrom(client, Number(generation.buildWindow), 0)
  if (window?.id !== Number(generation.buildWindow)) throw eventsGone(generation)
  const snapshot = parseSnapshot(generation.buildSnapshot as string)
  const identity = await building.build.identityOf?.(generation)
  return inTransaction(client, async () => {
    if (!(await holdBuild(client, generation, builder))) throw continuedElsewhere(generation)
    return completeCopy(building, generation, { snapshot, window, rows, identity })
  })
}

const eventsGone = ({ target, number, buildWindow }: Generation): TrifoldError =>
  new TrifoldError(
    'FEED_INCOMPLETE',
    `rebuild: discarded generation ${number} of ${target}: window ${buildWindow}, where it began, is gone; run it again`,
  )
