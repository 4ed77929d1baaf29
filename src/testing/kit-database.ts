import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { adoptHistory } from '../schema/history.ts'
import { installed } from '../schema/installed.ts'

/** A separate database on an existing server. */
export interface KitDatabase {
  name: string
  url: string
  /** Ends its connections and drops it. */
  drop(): Promise<void>
}

/**
 * Creates a database with a name that nobody has.
 *
 * @param server the address of any database of the server, with a role that may create databases
 * @param template the name of the database that it is copied from; nobody may be connected to that one meanwhile
 * @param strategy how it is copied: `file_copy` is the faster one on a server without fsync (PostgreSQL 15 or newer)
 */
export async function createKitDatabase(
  server: string,
  template = 'template1',
  strategy?: 'wal_log' | 'file_copy',
): Promise<KitDatabase> {
  const name = `trifold_test_${randomBytes(5).toString('hex')}`
  const copied = `template ${pg.escapeIdentifier(template)}${strategy ? ` strategy ${strategy}` : ''}`
  await onServer(server, `create database ${name} ${copied}`)
  const url = withDatabase(server, name)
  await adopt(url)
  return {
    name,
    url,
    drop: () => onServer(server, `drop database if exists ${name} with (force)`),
  }
}

/** A copy continues the history of its template; nothing else does. */
async function adopt(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query(`select ${installed} as installed`)
    if (rows[0].installed === 'current') await adoptHistory(client)
  } finally {
    await client.end()
  }
}

function withDatabase(url: string, name: string): string {
  const parsed = new URL(url)
  parsed.pathname = `/${name}`
  return parsed.toString()
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
