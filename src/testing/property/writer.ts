import type { EventRegistry } from '../../outbox.ts'
import type { TestKit } from '../kit.ts'
import type { Command } from './history.ts'
import { isMistake } from './mistake.ts'
import { type Ended, OpenTransaction } from './open-transaction.ts'
import { noteRefusal, type Tally } from './tally.ts'

/**
 * One session of the application. It runs its commands one after the other: a command that waits for the lock of another
 * writer keeps it busy, and further commands wait too.
 */
export class Writer<Events extends EventRegistry, Tx> {
  private readonly kit: TestKit<Events, Tx>
  private readonly tally: Tally
  private open: OpenTransaction<Events, Tx> | undefined
  private last: Promise<void> = Promise.resolve()
  private left = 0
  private mistake: { error: unknown } | undefined

  constructor(kit: TestKit<Events, Tx>, tally: Tally) {
    this.kit = kit
    this.tally = tally
  }

  /** Whether something that it was told has not ended. */
  get busy(): boolean {
    return this.left > 0
  }

  /** Resolves once all that it was told has ended. */
  get idle(): Promise<void> {
    return this.last
  }

  /** Runs a command, in a new transaction if none is open. */
  command(command: Command<Events, Tx>): void {
    this.next(async () => {
      this.open ??= new OpenTransaction(this.kit)
      const ended = await this.open.run(command)
      if (ended) this.note(ended)
    })
  }

  /** Ends the transaction that is open, if there is one. */
  end(kind: 'commit' | 'rollback'): void {
    this.next(async () => {
      if (this.open) this.note(await this.open.end(kind))
    })
  }

  /** Throws what a command threw that is a mistake of its author. */
  rethrow(): void {
    if (this.mistake) throw this.mistake.error
  }

  private next(work: () => Promise<void>): void {
    this.left += 1
    this.last = this.last.then(work).then(() => {
      this.left -= 1
    })
  }

  private note(ended: Ended): void {
    this.open = undefined
    if (ended.kind === 'committed') this.tally.committed += 1
    else if (ended.kind === 'rolled back') this.tally.rolledBack += 1
    else if (isMistake(ended.error)) this.mistake = ended
    else noteRefusal(this.tally, ended.error)
  }
}
