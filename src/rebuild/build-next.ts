import { randomUUID } from 'node:crypto'
import { refuseUnstable, resolveDefinition } from '../definition/resolution.ts'
import { faultPoint } from '../fault.ts'
import { beginGeneration, dropUnserved } from '../generation.ts'
import type { Lease } from '../lease.ts'
import type { CatchUp, Materializer } from '../materializer.ts'
import { copiedRows, type Generation, recordBuildFailure, servingGeneration, takeBuild } from '../schema/generations.ts'
import type { Building, NextBuild } from './building.ts'
import { copyRows } from './copy.ts'
import { cutOver, replacedBy } from './cut-over.ts'
import { recordRebuild } from './history.ts'
import { cancelled, type Left, leftOf } from './interrupted.ts'
import { RebuildReporter } from './reporter.ts'
import { interrupted } from './resume.ts'
import { serve } from './serve.ts'

export type { NextBuild } from './building.ts'

/**
 * Builds the next generation of a target from its definition, beside the one that serves, catches up with it, and serves.
 * Readers see the generation before until then, and nothing older afterwards.
 *
 * What fails is dropped, and the generation before serves on. A rebuild that was stopped, or whose process died, is
 * continued by the next if it had copied key ranges and nothing has changed since; else it is dropped then. Nobody ever
 * read it.
 *
 * @param lease of the generation that is replaced, if the caller holds it
 * @throws LEASE_LOST if another generation was served, or the lease taken, meanwhile; KEY_INVALID, FACADE_TAKEN,
 * HANDLER_FAILED, what `next.verify` throws, and what the engine refuses
 */
export function buildNext(materializer: Materializer, next: NextBuild, lease?: Lease): Promise<Generation> {
  const { context } = materializer
  const { target } = context
  const build = materializer.build(next)
  const began = performance.now()
  return build.run(async (client) => {
    const building: Building = { client, materializer, build, next, builder: randomUUID() }
    await build.check(client)
    const { generation, unstable, copied } = await begin(building)
    const warmFor = materializer.fedBy === 'events' ? (next.warmFor ?? 0) : 0
    const replaced = { ...(await replacedBy(client, target)), lease }
    const reporter = new RebuildReporter(next.observe, generation)
    reporter.started(next.reason, copied)
    try {
      if (materializer.fedBy === 'events') refuseUnstable({ target, file: context.definition.file }, unstable)
      const built = await copyRows(building, generation)
      const catchUp = catchUpOf(materializer, next, built)
      await cutOver(client, built, replaced, catchUp, {
        verify: async () => catchUp && next.verify?.(built, catchUp),
        fence: materializer.fedBy === 'events' ? materializer.fence : undefined,
        ready: async () => build.makeReadable?.(built),
        serve: (held) => serve(client, build, built, { ...replaced, lease: held }, warmFor),
      })
    } catch (error) {
      const thrown = await ended(building, generation, reporter, error)
      await recordRebuild(materializer, client, generation, began, thrown)
      throw thrown
    }
    reporter.finished()
    await recordRebuild(materializer, client, generation, began)
    await faultPoint('rebuild:served')
    await dropUnserved(client, target, (storage) => materializer.drop(client, storage))
    return (await servingGeneration(client, target)) ?? generation
  })
}

interface Begun {
  generation: Generation
  /** What makes the rows of the definition depend on more than its tables. */
  unstable: string[]
  /** Rows that an interrupted rebuild copied, if this one continues it. */
  copied: number | undefined
}

/** The generation of an interrupted rebuild, if it can be continued, or the next one. */
async function begin(building: Building): Promise<Begun> {
  const { client, materializer, build, next, builder } = building
  const { context, settings } = materializer
  const { target, definition } = context
  const { resolution, unstable } = await resolveDefinition(client, definition.sql)
  const known = await interrupted(building, resolution)
  await dropUnserved(client, target, (storage) => materializer.drop(client, storage), { except: known })
  if (known) {
    await takeBuild(client, known, builder)
    return { generation: known, unstable, copied: await copiedRows(client, known) }
  }
  const above = await build.greatestNumber?.()
  const from = { definition, resolution, settings, reason: next.reason }
  const generation = await beginGeneration(client, target, from, (number) => build.storageOf(number), above)
  return { generation, unstable, copied: undefined }
}

/** Reports a rebuild that has failed or was cancelled, and drops what it leaves, unless it can be continued. */
async function ended(
  building: Building,
  generation: Generation,
  reporter: RebuildReporter,
  error: unknown,
): Promise<unknown> {
  const { client, materializer, next } = building
  const left = await leftOf(building, generation).catch((): Left => ({ kind: 'nothing' })) // the connection broke
  const isCancelled = next.signal?.aborted && materializer.fedBy === 'events'
  const thrown = isCancelled ? cancelled(generation, left, error) : error
  if (left.kind === 'kept') {
    reporter.kept(left.rows)
    return thrown
  }
  reporter.discarded(thrown)
  if (left.kind === 'taken') return thrown
  const drop = (storage: string) => materializer.drop(client, storage)
  await recordBuildFailure(client, generation, thrown as Error).catch(() => {}) // it is thrown all the same
  await dropUnserved(client, generation.target, drop, { only: generation }).catch(() => {}) // the next rebuild does it
  return thrown
}

const catchUpOf = ({ fedBy }: Materializer, { catchUp }: NextBuild, built: Generation): CatchUp | undefined =>
  fedBy === 'events' ? catchUp?.(built) : undefined
