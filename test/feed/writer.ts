import pg from 'pg'
import { z } from 'zod'
import { createOutbox } from '../../src/outbox.ts'

const outbox = createOutbox({ Counted: z.object({ aggregate: z.string(), count: z.number() }) })

/** Makes the write model of these tests: aggregates that count their events. */
export async function createAggregates(client: pg.Pool | pg.ClientBase): Promise<void> {
  await client.query('create table aggregates (name text primary key, count bigint not null)')
}

/** Empties the log and the write model, and starts positions, windows and numbers again. */
export async function resetLog(client: pg.Pool | pg.ClientBase): Promise<void> {
  await client.query(`
    truncate trifold.outbox, trifold.windows, trifold.head, aggregates;
    alter sequence trifold.outbox_position restart;
    insert into trifold.windows (id, era, snapshot, first_ordinal, event_count)
    values (0, (select last_value from trifold.era), pg_current_snapshot(), 1, 0)`)
}

/** A connection of the application: one transaction at a time. */
export class Writer {
  readonly client: pg.Client

  private constructor(client: pg.Client) {
    this.client = client
  }

  static async open(databaseUrl: string): Promise<Writer> {
    const client = new pg.Client({ connectionString: databaseUrl, application_name: 'writer' })
    client.on('error', () => {})
    await client.connect()
    return new Writer(client)
  }

  async run(statement: string): Promise<void> {
    await this.client.query(statement)
  }

  /** Makes the transaction take its id now. */
  async takeId(): Promise<number> {
    const { rows } = await this.client.query('select pg_current_xact_id()::text as id')
    return Number(rows[0].id)
  }

  /**
   * Counts one event of an aggregate and appends it: the row is locked before, so the order of an aggregate's events is
   * that of its count.
   */
  async append(aggregate: string): Promise<void> {
    const { rows } = await this.client.query(
      `insert into aggregates
      values ($1, 1)
      on conflict (name) do update set count = aggregates.count + 1
      returning count`,
      [aggregate],
    )
    const payload = { aggregate, count: Number(rows[0].count) }
    await outbox.append(this.client, [{ type: 'Counted', aggregate, payload }])
  }

  /** One transaction with an event of each aggregate. */
  async commit(...aggregates: string[]): Promise<void> {
    await this.run('begin')
    for (const aggregate of aggregates) await this.append(aggregate)
    await this.run('commit')
  }

  close(): Promise<void> {
    return this.client.end()
  }
}
