import type pg from 'pg'
import { rawText } from '../database.ts'
import { standIn } from './stand-in.ts'

/**
 * The application's own pool as Trifold uses it: a session has the settings of Trifold while it is lent and its own again
 * before it goes back, values arrive as text, and `end` leaves the pool open. That costs a round trip before each use, and
 * another one after it if the session's own settings differ.
 *
 * @param settings what every session has while it is lent, by name
 */
export function lentPool(pool: pg.Pool, settings: Record<string, string>): pg.Pool {
  const connect = async () => {
    const client = await pool.connect()
    try {
      return await lentClient(client, settings)
    } catch (error) {
      client.release(error as Error)
      throw error
    }
  }
  const query = async (statement: Statement, values?: unknown[]) => {
    const client = await connect()
    try {
      return await client.query(statement, values)
    } finally {
      client.release()
    }
  }
  return standIn(pool, { connect, query, end: async () => {} })
}

type Statement = pg.QueryConfig

async function lentClient(client: pg.PoolClient, settings: Record<string, string>): Promise<pg.PoolClient> {
  client.on('error', ignore) // the statement that is running reports it
  const own = await exchange(client, settings)
  const release = (error?: Error | boolean) => {
    client.off('error', ignore)
    if (error || Object.keys(own).length === 0) return client.release(error)
    exchange(client, own).then(
      () => client.release(),
      (cause) => client.release(cause),
    )
  }
  const query = (statement: string | Statement, values?: unknown[]) =>
    typeof statement === 'string'
      ? client.query({ text: statement, types: rawText, ...(values && { values }) })
      : client.query({ types: rawText, ...statement, ...(values && { values }) })
  return standIn(client, { release, query })
}

const ignore = () => {}

/** Sets what differs, and returns by name what it was before. */
async function exchange(client: pg.ClientBase, settings: Record<string, string>): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string; before: string; after: string }>(
    `select
      name,
      current_setting(name) as before,
      set_config(name, value, false) as after
    from json_each_text($1::json) as setting (name, value)`,
    [JSON.stringify(settings)],
  )
  return Object.fromEntries(
    rows.filter(({ before, after }) => before !== after).map(({ name, before }) => [name, before]),
  )
}
