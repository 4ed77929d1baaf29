import { attachment } from '../detachment.ts'
import type { EventFed } from '../materializer.ts'
import type { Generation } from '../schema/generations.ts'
import type { BackgroundRebuild } from './background-rebuild.ts'

/** Milliseconds between two checks of what nobody says has changed. */
const checkEvery = 5_000
/** The same if PostgreSQL is known to show what it showed. */
const unchangedFor = 30_000

interface Options {
  materializer: EventFed
  background: BackgroundRebuild
  standing?: ((target: string) => Promise<string>) | undefined
  checkEvery?: number | undefined
}

/** Names and storage may be changed by hand while no event comes: what can be put right is, the rest is rebuilt. */
export class Checkup {
  private readonly options: Options
  private checked: { at: number; standing: string | undefined } | undefined

  constructor(options: Options) {
    this.options = options
  }

  /** Whether the generation serves, and its storage is what was built, as far as the last check tells. */
  async passes(generation: Generation): Promise<boolean> {
    const { materializer, background } = this.options
    const standing = await this.options.standing?.(generation.target)
    const at = performance.now()
    if (!this.isDue(at, standing)) return true
    if (!(await isServing(materializer, generation))) return false
    await background.startIfNeeded(generation)
    this.checked = { at, standing }
    return true
  }

  /** PostgreSQL does not show what happens to a storage outside of it. */
  private isDue(now: number, standing: string | undefined): boolean {
    if (!this.checked || this.checked.standing !== standing) return true
    const shows = standing !== undefined && !this.options.materializer.damage
    return now - this.checked.at > (shows ? unchangedFor : (this.options.checkEvery ?? checkEvery))
  }
}

async function isServing(materializer: EventFed, generation: Generation): Promise<boolean> {
  const { context } = materializer
  if ((await attachment(context.pool, context)) !== 'attached') return false
  const prepared = await materializer.prepare()
  if (prepared.state !== 'ready' || prepared.generation.id !== generation.id) return false
  return (await materializer.damage?.(generation)) === undefined
}
