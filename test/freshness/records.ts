import type pg from 'pg'
import type { AwaitedTarget } from '../../src/freshness.ts'
import { token } from '../../src/outbox/token.ts'

/** A target of `notes` by what it records: a cursor, the snapshot of its refresh, or a cursor and its index refreshes. */
export type Kind = 'table' | 'view' | 'search'

export const freshTargetOf = (kind: Kind): AwaitedTarget => ({
  target: `notes@${kind}`,
  showsApplied: kind !== 'search',
  parks: true,
})

/** Writes by hand what workers record, in a database with a table `notes`. */
export class Records {
  private readonly pool: pg.Pool

  /** @param pool of `database.ts` */
  constructor(pool: pg.Pool) {
    this.pool = pool
  }

  /** A transaction that has written; `end` ends it. */
  async beginWrite(): Promise<{ token: string; end: (how?: string) => Promise<void> }> {
    const client = await this.pool.connect()
    await client.query('begin')
    await client.query(`insert into notes values ('x')`)
    return {
      token: await token({ query: async (text) => one(await client.query(text)) }),
      async end(how = 'commit') {
        await client.query(how)
        client.release()
      },
    }
  }

  async write(): Promise<string> {
    const transaction = await this.beginWrite()
    await transaction.end()
    return transaction.token
  }

  /** An event that was appended some seconds ago. */
  async append(secondsAgo: number): Promise<void> {
    await this.pool.query(
      `insert into trifold.outbox (era, type, aggregate, payload, appended_at)
      values (1, 'NoteAdded', 'note:1', '{}', clock_timestamp() - $1 * interval '1 second')`,
      [secondsAgo],
    )
  }

  async snapshot(): Promise<string> {
    const { rows } = await this.pool.query('select pg_current_snapshot() as now')
    return rows[0].now
  }

  /** A serving generation that was built now; with a consumer at window 0, unless it is a view. */
  async serve(kind: Kind, options: { buildSnapshot?: string } = {}): Promise<string> {
    const { rows } = await this.pool.query(
      `insert into trifold.generations
        (target, number, storage, state, reason, definition_version, definition_hash, columns, build_snapshot, build_window, built_at)
      values ($1, 1, 'x', 'serving', 'test', 1, 'x', '[]', $2, 0, now())
      returning id`,
      [`notes@${kind}`, options.buildSnapshot ?? (await this.snapshot())],
    )
    const { id } = rows[0]
    if (kind === 'view')
      await this.pool.query(
        'update trifold.generations set snapshot = build_snapshot, snapshot_at = now() where id = $1',
        [id],
      )
    else
      await this.pool.query(
        `insert into trifold.consumers (generation_id, era, window_id, ordinal, handlers_version)
        values ($1, 1, 0, 0, 1)`,
        [id],
      )
    return id
  }

  /** The next window, at the snapshot of now, with one event. */
  async makeWindow(oldestAppendedSecondsAgo = 0): Promise<string> {
    const { rows } = await this.pool.query(
      `insert into trifold.windows (id, era, snapshot, first_ordinal, event_count, oldest_appended_at)
      select max(id) + 1, (select last_value from trifold.era), pg_current_snapshot(), max(id) + 1, 1,
        clock_timestamp() - $1 * interval '1 second'
      from trifold.windows
      returning id`,
      [oldestAppendedSecondsAgo],
    )
    return rows[0].id
  }

  async moveTo(window: string, position: number | null = null): Promise<void> {
    await this.pool.query('update trifold.consumers set window_id = $1, ordinal = $1, position = $2', [
      window,
      position,
    ])
  }

  async recordHead(window: string): Promise<void> {
    await this.pool.query(
      `insert into trifold.head (window_id, era, snapshot)
      values ($1, (select last_value from trifold.era), pg_current_snapshot())`,
      [window],
    )
  }

  async makeSearchable(window: string): Promise<void> {
    await this.pool.query('update trifold.consumers set searchable_window = $1', [window])
  }
}

/** The pool gives booleans as text; an application's executor does not. */
const one = ({ rows }: pg.QueryResult) => ({ rows: rows.map((row) => ({ ...row, standby: row.standby === 't' })) })
