import type { EventRegistry } from '../../outbox.ts'
import type { TestKit } from '../kit.ts'
import type { Command } from './history.ts'

type Order<Events extends EventRegistry, Tx> =
  | { kind: 'commit' }
  | { kind: 'rollback' }
  | { kind: 'command'; command: Command<Events, Tx>; done: () => void }

/** Thrown to have the application roll back. */
class RolledBack extends Error {}

/** How a transaction ended: with an error if a command or the commit threw. */
export type Ended = { kind: 'committed' } | { kind: 'rolled back' } | { kind: 'refused'; error: unknown }

/**
 * A transaction of the application that runs the commands it is given, one by one. Commands run inside the function that the
 * application's transaction calls, so that what an ORM keeps in the asynchronous context is there.
 */
export class OpenTransaction<Events extends EventRegistry, Tx> {
  private readonly kit: TestKit<Events, Tx>
  private readonly ended: Promise<Ended>
  private give: (order: Order<Events, Tx>) => void = () => {}
  private next: Promise<Order<Events, Tx>>

  constructor(kit: TestKit<Events, Tx>) {
    this.kit = kit
    this.next = this.nextOrder()
    this.ended = kit.connection
      .transaction((tx) => this.obey(tx))
      .then(
        () => ({ kind: 'committed' }),
        (error) => (error instanceof RolledBack ? { kind: 'rolled back' } : { kind: 'refused', error }),
      )
  }

  /** Returns how the transaction ended if the command threw. */
  async run(command: Command<Events, Tx>): Promise<Ended | undefined> {
    const done = new Promise<undefined>((resolve) => {
      this.give({ kind: 'command', command, done: () => resolve(undefined) })
    })
    return Promise.race([done, this.ended])
  }

  async end(kind: 'commit' | 'rollback'): Promise<Ended> {
    this.give({ kind })
    return this.ended
  }

  private async obey(tx: Tx): Promise<void> {
    for (;;) {
      const order = await this.next
      if (order.kind === 'rollback') throw new RolledBack()
      if (order.kind !== 'command') return
      this.next = this.nextOrder()
      await order.command.run(tx, this.kit.outbox)
      order.done()
    }
  }

  private nextOrder(): Promise<Order<Events, Tx>> {
    return new Promise((resolve) => {
      this.give = resolve
    })
  }
}
