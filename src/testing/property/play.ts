import { TrifoldError } from '../../errors.ts'
import type { EventRegistry } from '../../outbox.ts'
import { pause } from '../../pause.ts'
import { disagreementError, disagreementsOf } from '../disagreement.ts'
import type { TestKit } from '../kit.ts'
import type { KitTarget } from '../kit-target.ts'
import { applyPage, crash, overtake } from './consumers.ts'
import type { Action, History } from './history.ts'
import { noTally } from './tally.ts'
import { Writer } from './writer.ts'

export interface PlayerOptions {
  /** How many transactions may be open at once. */
  writers: number
  /** Longest time that commands may take without waiting for a lock, in milliseconds. */
  patience: number
}

/** Plays histories on the targets of a kit, and compares what comes of them with the definitions. */
export class Player<Events extends EventRegistry, Tx> {
  readonly tally = noTally()
  private readonly kit: TestKit<Events, Tx>
  private readonly targets: readonly KitTarget[]
  private readonly options: PlayerOptions
  private writers: readonly Writer<Events, Tx>[] = []

  constructor(kit: TestKit<Events, Tx>, targets: readonly KitTarget[], options: PlayerOptions) {
    this.kit = kit
    this.targets = targets
    this.options = options
  }

  /**
   * Plays one history from the rows of `seed`, commits what is left open, applies everything and compares.
   *
   * @throws TARGET_DISAGREES; HANDLER_FAILED; what a command threw by mistake
   */
  async play(history: History<Events, Tx>): Promise<void> {
    await this.kit.clearFor(this.targets)
    this.tally.histories += 1
    this.writers = Array.from({ length: this.options.writers }, () => new Writer(this.kit, this.tally))
    try {
      for (const action of history) await this.act(action)
      await this.endAll('commit')
      await this.compare()
    } finally {
      await this.endAll('rollback')
    }
  }

  private async act(action: Action<Events, Tx>): Promise<void> {
    switch (action.kind) {
      case 'command':
        this.writers[action.writer]?.command(action.command)
        if (action.commits) this.writers[action.writer]?.end('commit')
        return this.settle()
      case 'commit':
      case 'rollback':
        this.writers[action.writer]?.end(action.kind)
        return this.settle()
      case 'tick':
        await this.kit.targets.feed.tick()
        return
      case 'compare':
        return this.compare()
      default:
        for (const target of this.targets) await this.consume(target, action)
    }
  }

  private async compare(): Promise<void> {
    const disagreements = await disagreementsOf(this.targets)
    if (disagreements.length > 0) throw disagreementError(disagreements)
  }

  private async consume(target: KitTarget, action: Action<Events, Tx>): Promise<void> {
    if (action.kind === 'page') await applyPage(target, action.size)
    else if (action.kind === 'crash') this.tally.crashes += Number(await crash(target, action.size, action))
    else if (action.kind === 'takeover') this.tally.takeovers += Number(await overtake(target, action.size))
  }

  /**
   * Waits until every writer is idle or waits for a lock: what comes next does not depend on how fast they are. The server
   * says who waits.
   */
  private async settle(): Promise<void> {
    const end = Date.now() + this.options.patience
    for (let wait = 10; ; wait = Math.min(wait * 2, 50)) {
      const busy = this.busyWriters()
      const idle = Promise.all(busy.map((writer) => writer.idle))
      if (busy.length === 0 || (await endsWithin(idle, wait))) break
      if ((await this.kit.waitingForLocks()) >= busy.length) break
      if (Date.now() > end) throw stuck(this.options.patience)
    }
    for (const writer of this.writers) writer.rethrow()
  }

  private async endAll(kind: 'commit' | 'rollback'): Promise<void> {
    const { patience } = this.options
    for (const writer of this.writers) writer.end(kind)
    if (!(await endsWithin(Promise.all(this.busyWriters().map((writer) => writer.idle)), patience)))
      throw stuck(patience)
    for (const writer of this.writers) writer.rethrow()
  }

  private busyWriters(): Writer<Events, Tx>[] {
    return this.writers.filter((writer) => writer.busy)
  }
}

/** Whether `work` ends within so many milliseconds. */
async function endsWithin(work: Promise<unknown>, milliseconds: number): Promise<boolean> {
  const ended = new AbortController()
  const late = pause(milliseconds, ended.signal).then(() => false)
  try {
    return await Promise.race([work.then(() => true), late])
  } finally {
    ended.abort()
  }
}

const stuck = (patience: number): TrifoldError =>
  new TrifoldError(
    'TEST_STUCK',
    `testing: a command has not ended for ${patience / 1_000} s and waits for no lock; does it wait for something that never comes?`,
  )
