import type pg from 'pg'
import { TrifoldError } from '../errors.ts'
import type { Lease } from '../lease.ts'
import { type Attempt, type Failure, recordAttempt, stopAtEvent } from '../schema/consumers.ts'
import type { NamedEvent } from './refusal.ts'

/** A page that ended its process is a tenth as large at the next try: a restart costs more than a few statements. */
const part = 10

/** A lone event that was under way at so many ends of a process is taken for their cause. */
const enough = 2

/** Milliseconds that a page waits for those of other targets: then one of them hangs, and the rest go on. */
const patience = 5_000

/** One page of a process at a time: what ends the process then was done by that page. */
let others: Promise<unknown> = Promise.resolve()

/**
 * How a consumer reads on after the one before it ended without a word: killed, out of memory, or by a restart of the
 * machine. Each page is noted before its handlers run, runs alone, and is smaller each time its process ends, until one
 * event is left. A consumer that ended in order has none of this.
 */
export class Caution {
  private readonly client: pg.ClientBase
  private readonly lease: Lease
  private readonly until: number
  private readonly size: number
  /** The last event of the page that was noted when the process ended, and how many are tried at once up to there. */
  private readonly noted: { end: number; size: number }
  private leaveTurn: () => void = () => {}

  private constructor(client: pg.ClientBase, lease: Lease, largest: number) {
    this.client = client
    this.lease = lease
    const { ordinal = 0, events = 0 } = lease.interrupted?.attempt ?? {}
    this.size = Math.ceil(largest / part)
    this.noted = { end: ordinal + events - 1, size: Math.ceil(events / part) }
    this.until = lease.cursor.ordinal + 3 * largest // a page was applied, the next one handled, the one after it read
  }

  /**
   * @param largest most events of a page
   * @throws PROCESS_ENDED if the first event ended the process each time that it was tried alone
   */
  static async after(client: pg.ClientBase, lease: Lease, largest: number): Promise<Caution | undefined> {
    if (!lease.interrupted) return undefined
    const { attempt } = lease.interrupted
    if (attempt && attempt.events === 1 && attempt.tries >= enough) await stop(client, lease, attempt)
    return new Caution(client, lease, largest)
  }

  /** Most events of the next page; undefined once all that may have been under way has been applied. */
  get limit(): number | undefined {
    const { ordinal } = this.lease.cursor
    if (ordinal >= this.until) return undefined
    return ordinal < this.noted.end ? this.noted.size : this.size
  }

  /** Waits for its turn, and notes the page. @param first the first of its events */
  async enter(first: NamedEvent, events: number): Promise<void> {
    this.leave()
    this.leaveTurn = await takeTurn()
    const { ordinal, position } = first
    const before = this.lease.interrupted?.attempt
    const isAgain = events === 1 && before?.events === 1 && before.ordinal === ordinal
    await recordAttempt(this.client, this.lease, { ordinal, position, events, tries: isAgain ? before.tries + 1 : 1 })
  }

  /** The page was applied, or will not be. */
  leave(): void {
    this.leaveTurn()
  }
}

async function takeTurn(): Promise<() => void> {
  const before = others
  let leave: () => void = () => {}
  const left = new Promise<void>((resolve) => {
    leave = resolve
  })
  others = Promise.all([before, left])
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, patience)
  })
  await Promise.race([before, late])
  clearTimeout(timer)
  return leave
}

async function stop(client: pg.ClientBase, lease: Lease, { ordinal, position }: Attempt): Promise<never> {
  const did = `ended the process each time that it ran alone (${enough} times)`
  const values = [lease.generation.id, lease.epoch, ordinal, position, 'PROCESS_ENDED', did]
  const { rows } = await client.query(stopAtEvent, values)
  if (!rows[0]) throw new TrifoldError('LEASE_LOST', `consumer: another worker took ${lease.generation.target}`)
  const { message, ...details } = JSON.parse(rows[0].failure as string) as Failure
  throw new TrifoldError('PROCESS_ENDED', message, { details: { ...details } })
}
