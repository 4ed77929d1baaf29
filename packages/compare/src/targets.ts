import type pg from 'pg'
import type { Materializer } from 'trifold/internal/materializer'
import type { Observe } from 'trifold/internal/observe'
import { rebuild } from 'trifold/internal/operator/rebuild'
import { removeTarget } from 'trifold/internal/operator/remove-target'
import { status } from 'trifold/internal/operator/status'
import { keptGenerations } from 'trifold/internal/schema/generations'
import { servingTarget, upsertServing } from 'trifold/internal/schema/serving'
import { parseTarget } from 'trifold/internal/target'
import type { ReadableTarget, Toolkit } from 'trifold/internal/toolkit'
import type { Amount } from './comparison.ts'
import { notReady } from './failure.ts'
import { keptBySchedule } from './view-schedule.ts'

/** One target of a comparison. */
export interface ComparedTarget {
  target: string
  kind: ReadableTarget
  materializer: Materializer
  /** Created for the comparison. */
  temporary: boolean
  /** The worker of somebody else that keeps it; undefined if the comparison runs one. */
  keptBy: string | undefined
  /** The time of its build, if the comparison built it. */
  rebuild: Amount | undefined
}

/** By which a target is known that a comparison created: one that was killed leaves it to the next to be removed. */
export const temporaryReason = 'a comparison needs it for as long as it runs'

/** The target behind the serving name before the comparison; undefined if no row said so. */
export interface Serving {
  readModel: string
  target: string | undefined
}

export async function readServing(pool: pg.Pool, readModel: string): Promise<Serving> {
  return { readModel, target: await servingTarget(pool, readModel) }
}

/** Removes what a comparison before this one left behind when it was killed. */
export async function removeLeftovers(toolkit: Toolkit): Promise<void> {
  for (const target of toolkit.targetNames) {
    const kept = await keptGenerations(toolkit.pool, target)
    if (kept.some(({ reason }) => reason === temporaryReason)) await removeTarget(toolkit, target)
  }
}

/**
 * Which targets exist, and who keeps them.
 *
 * @throws COMPARE_FAILED if an existing one must be rebuilt first, DEFINITION_DRIFT, SEARCH_UNREACHABLE
 */
export async function surveyTargets(toolkit: Toolkit): Promise<ComparedTarget[]> {
  const { targets } = await status(toolkit)
  return Promise.all(
    targets.map(async ({ target, generation, consumer, fedBy }) => {
      const materializer = toolkit.target(target)
      const kind = parseTarget(target).materializer as ReadableTarget
      const prepared = await materializer.prepare()
      if (generation && prepared.state === 'unfit') throw notReady(target, prepared.reason)
      const keptBy = fedBy === 'events' ? heldBy(consumer) : await keptBySchedule(toolkit, target)
      return { target, kind, materializer, temporary: !generation, keptBy, rebuild: undefined }
    }),
  )
}

const heldBy = (consumer: { held: boolean; owner: string | undefined } | undefined): string | undefined =>
  consumer?.held ? `another worker (${consumer.owner ?? 'of unknown owner'}) keeps it` : undefined

/** Builds a target that is missing, and notes how long it took. */
export async function createTarget(
  toolkit: Toolkit,
  target: ComparedTarget,
  options: { observe: Observe; signal: AbortSignal },
): Promise<void> {
  const { milliseconds } = await rebuild(toolkit, target.target, { ...options, reason: temporaryReason })
  target.rebuild = { value: milliseconds, unit: 'ms', note: 'its first build, before the load' }
}

/** Removes the targets that were created, and puts the serving name's row back as it was. */
export async function removeTemporary(
  toolkit: Toolkit,
  targets: readonly ComparedTarget[],
  serving: Serving,
): Promise<void> {
  const temporary = targets.filter((target) => target.temporary)
  if (temporary.length === 0) return
  for (const { target } of temporary) await removeTarget(toolkit, target)
  if (serving.target === undefined) return
  await upsertServing(toolkit.pool, {
    readModel: serving.readModel,
    target: serving.target,
    isChosen: true,
    named: [],
  })
}
