import type pg from 'pg'

/**
 * The clock of the database, by which schedules run. Between two looks it goes on by this process's monotonic clock, so
 * that a step of the machine's time does not move it.
 */
export class DatabaseClock {
  private readonly pool: Pick<pg.Pool, 'query'>
  private at = Date.now()
  private readAt = performance.now()

  /** @param pool of `database.ts` */
  constructor(pool: Pick<pg.Pool, 'query'>) {
    this.pool = pool
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.at + performance.now() - this.readAt
  }

  /** Looks at the database's clock. */
  async read(): Promise<void> {
    const began = performance.now()
    const { rows } = await this.pool.query('select extract(epoch from clock_timestamp()) * 1000 as now')
    this.readAt = (began + performance.now()) / 2
    this.at = Number(rows[0].now)
  }
}
