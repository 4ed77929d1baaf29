import type pg from 'pg'
import type { ResolvedConfig } from '../config.ts'
import { TrifoldError } from '../errors.ts'
import { Feed } from '../feed.ts'
import type { Materializer, TargetContext } from '../materializer.ts'
import { createMemoryMaterializer } from '../materializers/memory.ts'
import { checkConfigured } from '../toolkit/configured.ts'
import { contextOf, openTarget } from '../toolkit/targets.ts'
import type { KitTargetName } from './kit-options.ts'
import { KitTarget } from './kit-target.ts'
import { TargetDriver } from './target-driver.ts'

/** The targets of a kit, and the feed that they share. */
export class KitTargets {
  readonly all: readonly KitTarget[]
  readonly feed: Feed

  private constructor(all: readonly KitTarget[], feed: Feed) {
    this.all = all
    this.feed = feed
  }

  /**
   * Opens the targets of all read models that have handlers; none is built yet.
   *
   * @throws HANDLERS_MISSING if there is none; what opening a target throws
   */
  static async open(config: ResolvedConfig, pool: pg.Pool, names: readonly KitTargetName[]): Promise<KitTargets> {
    const handled = Object.keys(config.readModels).filter((name) => config.readModels[name]?.on)
    if (handled.length === 0) throw noHandlers(config)
    const contexts = await Promise.all(handled.map((name) => contextOf(config, pool, name)))
    for (const context of contexts) await checkConfigured('events', { ...context, target: context.name }, config.events)
    const feed = await Feed.open(config.database)
    const targets = new KitTargets([], feed)
    try {
      const all: KitTarget[] = []
      for (const context of contexts) {
        for (const name of names) {
          if (name !== 'memory' && !context.model.targets[name]) continue
          const materializer = await open(config, name, { ...context, target: `${context.name}@${name}` })
          all.push(new KitTarget(await TargetDriver.open(materializer, config.events, feed)))
        }
      }
      return new KitTargets(all, feed)
    } catch (error) {
      await targets.close()
      throw error
    }
  }

  /** Those of some read models. @throws READ_MODEL_UNKNOWN */
  of(readModels?: readonly string[]): readonly KitTarget[] {
    const unknown = readModels?.find((name) => !this.all.some(({ readModel }) => readModel === name))
    if (unknown !== undefined) {
      const known = [...new Set(this.all.map(({ readModel }) => readModel))].join(', ')
      throw new TrifoldError('READ_MODEL_UNKNOWN', `testing: no read model ${unknown} has handlers (${known} have)`)
    }
    return readModels ? this.all.filter(({ readModel }) => readModels.includes(readModel)) : this.all
  }

  /** Closes the targets and their feed. */
  async close(): Promise<void> {
    for (const { driver } of [...this.all].reverse()) await driver.close()
    await this.feed.close()
  }
}

function open(
  config: ResolvedConfig,
  name: KitTargetName,
  context: TargetContext,
): Materializer | Promise<Materializer> {
  return name === 'memory' ? createMemoryMaterializer(context) : openTarget(config, name, context)
}

function noHandlers({ readModels }: ResolvedConfig): TrifoldError {
  const names = Object.keys(readModels).join(', ') || 'none'
  return new TrifoldError(
    'HANDLERS_MISSING',
    `testing: no read model has handlers (configured: ${names}), so there is nothing to test; add \`on\` to one`,
  )
}
