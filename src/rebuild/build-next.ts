import type pg from 'pg'
import { atSnapshot } from '../definition/at-snapshot.ts'
import { refuseUnstable, resolveDefinition } from '../definition/resolution.ts'
import { faultPoint } from '../fault.ts'
import type { Build, BuildOptions } from '../generation/build.ts'
import { beginGeneration, dropUnserved, serveGeneration } from '../generation.ts'
import { beginConsumer, endConsumer, refuseOvertaken } from '../lease/consumer-row.ts'
import type { Lease } from '../lease.ts'
import type { CatchUp, Materializer } from '../materializer.ts'
import type { Observe } from '../observe.ts'
import { completeBuild, type Generation, recordBuildFailure, servingGeneration } from '../schema/generations.ts'
import { lastWindow } from '../schema/windows.ts'
import { currentSnapshot } from '../snapshot.ts'
import { cutOver, type Replaced, replacedBy } from './cut-over.ts'
import { RebuildReporter } from './reporter.ts'

/** What is built, and with what. */
export interface NextBuild extends BuildOptions {
  /** Why: it is kept with the generation. */
  reason: string
  /** Applies what was committed since the snapshot of the build, if the generation before it has moved on meanwhile. */
  catchUp?: ((generation: Generation) => CatchUp) | undefined
  observe?: Observe | undefined
}

/**
 * Builds the next generation of a target from the definition at one snapshot, beside the one that serves, catches up with
 * it, and serves. Readers see the generation before until then, and nothing older afterwards.
 *
 * What fails is dropped, and the generation before serves on. What a process that died left behind is dropped by the
 * next rebuild: a build that was interrupted is never continued, and nobody ever read it.
 *
 * @param lease of the generation that is replaced, if the caller holds it
 * @throws LEASE_LOST if another generation was served, or the lease taken, meanwhile; KEY_INVALID, FACADE_TAKEN,
 * HANDLER_FAILED, and what the engine refuses
 */
export function buildNext(materializer: Materializer, next: NextBuild, lease?: Lease): Promise<Generation> {
  const { context } = materializer
  const { target } = context
  const build = materializer.build(next)
  return build.run(async (client) => {
    const drop = (storage: string) => materializer.drop(client, storage)
    await build.check(client)
    await dropUnserved(client, target, drop)
    const replaced = { ...(await replacedBy(client, target)), lease }
    const { generation, unstable } = await begin(client, materializer, build, next.reason)
    const reporter = new RebuildReporter(next.observe, generation, next.reason)
    try {
      if (materializer.fedBy === 'events') refuseUnstable({ target, file: context.definition.file }, unstable)
      const built = await copy(client, materializer, build, generation)
      await build.makeReadable?.(built)
      await cutOver(client, replaced, catchUpOf(materializer, next, built), async (held) => {
        await build.makeReadable?.(built) // what was caught up; the one before took the time
        await serve(client, build, built, { ...replaced, lease: held })
      })
    } catch (error) {
      reporter.discarded(error)
      await recordBuildFailure(client, generation, error as Error).catch(() => {}) // it is thrown all the same
      await dropUnserved(client, target, drop, generation).catch(() => {}) // the next rebuild does it
      throw error
    }
    reporter.finished()
    await faultPoint('rebuild:served')
    await dropUnserved(client, target, drop)
    return (await servingGeneration(client, target)) ?? generation
  })
}

async function begin(
  client: pg.ClientBase,
  { context, settings }: Materializer,
  build: Build,
  reason: string,
): Promise<{ generation: Generation; unstable: string[] }> {
  const { target, definition } = context
  const above = await build.greatestNumber?.()
  const { resolution, unstable } = await resolveDefinition(client, definition.sql)
  const from = { definition, resolution, settings, reason }
  const generation = await beginGeneration(client, target, from, (number) => build.storageOf(number), above)
  return { generation, unstable }
}

/** Rows, snapshot and cursor commit together: the cursor starts behind the last window before the snapshot. */
async function copy(
  client: pg.ClientBase,
  { context, fedBy }: Materializer,
  build: Build,
  generation: Generation,
): Promise<Generation> {
  await build.create(client, generation)
  await faultPoint('rebuild:created')
  const copied = async () => {
    const point = { snapshot: await currentSnapshot(client), window: await lastWindow(client) }
    const rows = await build.copy(client, generation, point)
    if (fedBy === 'events') await beginConsumer(client, generation, point.window, context.model.version ?? 1)
    const identity = await build.identityOf?.(generation)
    return completeBuild(client, generation, { ...point, rows, identity })
  }
  const built = await atSnapshot(client, generation.resolution, 'repeatable read', copied)
  await faultPoint('rebuild:written')
  return built
}

const catchUpOf = ({ fedBy }: Materializer, { catchUp }: NextBuild, built: Generation): CatchUp | undefined =>
  fedBy === 'events' ? catchUp?.(built) : undefined

async function serve(client: pg.ClientBase, build: Build, built: Generation, replaced: Replaced): Promise<void> {
  const { before, lease } = replaced
  await refuseOvertaken(client, built.target, before, lease)
  await build.publish(client, built, async () => {
    await endConsumer(client, built.target, before, lease)
    await serveGeneration(client, built)
    await faultPoint('rebuild:named')
  })
}
