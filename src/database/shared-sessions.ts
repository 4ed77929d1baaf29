import type pg from 'pg'
import { openClient, type Reservable } from '../database.ts'
import { Turns } from '../turns.ts'
import { standIn } from './stand-in.ts'

interface Shared {
  number: number
  client: Promise<pg.Client>
  turns: Turns
  users: number
}

/** How the sessions begin; each is named with its number, such as `consumer 2`. */
interface Options {
  /** Most sessions at a time. */
  most: number
  name: string
  settings: Record<string, string>
}

/**
 * A few sessions for any number of users. A user has one of them for as long as it likes, alone while there are enough, and
 * with others if not: then their statements take turns, and nobody comes between those of a transaction.
 *
 * What ends a session ends it for all who use it. The next that asks gets another.
 */
export class SharedSessions {
  private readonly databaseUrl: string
  private readonly options: Options
  private readonly open: Shared[] = []

  constructor(databaseUrl: string, options: Options) {
    this.databaseUrl = databaseUrl
    this.options = options
  }

  /** The session that the fewest use; `end` gives it back. @throws DATABASE_UNREACHABLE */
  async take(): Promise<pg.Client> {
    const shared = this.open.length < this.options.most ? this.begin() : this.leastUsed()
    shared.users += 1
    try {
      return lend(await shared.client, shared.turns, () => this.giveBack(shared))
    } catch (error) {
      this.forget(shared)
      throw error
    }
  }

  private begin(): Shared {
    const taken = new Set(this.open.map(({ number }) => number))
    let number = 1
    while (taken.has(number)) number += 1
    const { name, settings } = this.options
    const client = openClient(this.databaseUrl, { name: `${name} ${number}`, settings })
    const shared: Shared = { number, client, turns: new Turns(1), users: 0 }
    this.open.push(shared)
    client.then(
      (opened) => opened.once('end', () => this.forget(shared)),
      () => {}, // those who take it say so
    )
    return shared
  }

  private leastUsed(): Shared {
    return this.open.reduce((least, one) => (one.users < least.users ? one : least))
  }

  private async giveBack(shared: Shared): Promise<void> {
    shared.users -= 1
    if (shared.users > 0) return
    this.forget(shared)
    await (await shared.client).end()
  }

  private forget(shared: Shared): void {
    const place = this.open.indexOf(shared)
    if (place >= 0) this.open.splice(place, 1)
  }
}

/** A session for one of its users. */
function lend(client: pg.Client, turns: Turns, giveBack: () => Promise<void>): pg.Client {
  let isReserved = false
  let ended: Promise<void> | undefined
  const run = client.query.bind(client) as (...statement: unknown[]) => Promise<unknown>
  const query = (...statement: unknown[]): Promise<unknown> =>
    isReserved ? run(...statement) : turns.run(() => run(...statement))
  const reserve: Reservable['reserve'] = async () => {
    const endTurn = await turns.take()
    isReserved = true
    return () => {
      isReserved = false
      endTurn()
    }
  }
  const end = () => {
    ended ??= giveBack()
    return ended
  }
  return standIn(client, { query, reserve, end })
}
