import type pg from 'pg'
import type { TestDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'
import type { Design, FeedProcess } from './design.ts'
import { committedEvents, Reader, violations } from './reader.ts'
import { resetLog, Writer } from './writer.ts'

/** What a scenario works with. Everything that it opens is closed at its end. */
export class Setting {
  readonly database: TestDatabase
  readonly design: Design
  readonly readers: Reader[] = []
  private readonly opened: { close(): Promise<void> }[] = []

  constructor(database: TestDatabase, design: Design) {
    this.database = database
    this.design = design
  }

  async process(): Promise<FeedProcess> {
    return this.own(await this.design.open(this.database.url))
  }

  async writer(): Promise<Writer> {
    return this.own(await Writer.open(this.database.url))
  }

  reader(): Reader {
    const reader = new Reader(`reader ${this.readers.length + 1}`, this.design)
    this.readers.push(reader)
    return reader
  }

  /** A connection that holds a lock until it is released. */
  async locked(statement: string): Promise<{ client: pg.PoolClient; release(): Promise<void> }> {
    const client = await this.database.pool.connect()
    await client.query('begin')
    await client.query(statement)
    let held = true
    const release = async () => {
      if (!held) return
      held = false
      await client.query('commit')
      client.release()
    }
    this.own({ close: release })
    return { client, release }
  }

  /** Waits until `condition`, a boolean expression, is true. */
  until(condition: string): Promise<void> {
    return until(condition, async () => {
      const { rows } = await this.database.pool.query(`select ${condition} as holds`)
      return rows[0].holds
    })
  }

  async close(): Promise<void> {
    for (const one of this.opened.reverse()) await one.close().catch(() => {})
  }

  private own<T extends { close(): Promise<void> }>(one: T): T {
    this.opened.push(one)
    return one
  }
}

/** The condition that so many tickers wait for a lock. */
export const waitingTickers = (count: number): string => `(
  select count(*) = ${count}
  from pg_locks
  join pg_stat_activity using (pid)
  where datname = current_database() and application_name = 'trifold ticker' and not granted
)`

export type Scenario = (setting: Setting) => Promise<string[]>

/** Runs a scenario on an empty log, reads all readers to the end and returns all that was wrong. */
export async function runScenario(database: TestDatabase, design: Design, scenario: Scenario): Promise<string[]> {
  await resetLog(database.pool)
  const setting = new Setting(database, design)
  try {
    const found = await scenario(setting)
    return [...found, ...(await settle(database, design, setting.readers))]
  } finally {
    await setting.close()
  }
}

/** Reads what is left, when nothing is written any more, and compares with the log. */
export async function settle(database: TestDatabase, design: Design, readers: Reader[]): Promise<string[]> {
  const committed = await committedEvents(database.pool)
  const process = await design.open(database.url)
  try {
    await allSoon(process, readers, committed.length)
    return violations(readers, committed)
  } finally {
    await process.close()
  }
}

/** A tick shows what is committed; the others are for designs that wait for something. */
const ticks = 30

/** Ticks and reads until the reader has `count` events; false if it does not after {@link ticks}. */
export const soon = (process: FeedProcess, reader: Reader, count: number): Promise<boolean> =>
  allSoon(process, [reader], count)

async function allSoon(process: FeedProcess, readers: Reader[], count: number): Promise<boolean> {
  for (let left = ticks; left > 0; left--) {
    await process.tick()
    for (const reader of readers) await reader.toEnd(process)
    if (readers.every(({ delivered }) => delivered.length >= count)) return true
  }
  return false
}
