import { randomBytes } from 'node:crypto'
import { openClient } from 'trifold/internal/database'
import { TrifoldError } from 'trifold/internal/errors'
import { quoteIdent, sqlState } from 'trifold/internal/sql'

/** Runs `work` in a new database beside the configured one, and drops it. @throws PRIVILEGE_MISSING */
export async function inScratch<T>(databaseUrl: string, work: (url: string, name: string) => Promise<T>): Promise<T> {
  const name = `trifold_compare_${randomBytes(4).toString('hex')}`
  await onServer(databaseUrl, `create database ${quoteIdent(name)}`)
  const url = new URL(databaseUrl)
  url.pathname = `/${name}`
  try {
    return await work(url.toString(), name)
  } finally {
    await onServer(databaseUrl, `drop database if exists ${quoteIdent(name)} with (force)`)
  }
}

async function onServer(databaseUrl: string, statement: string): Promise<void> {
  const client = await openClient(databaseUrl, { name: 'compare' })
  try {
    await client.query(statement)
  } catch (cause) {
    if (sqlState(cause) !== '42501') throw cause
    throw new TrifoldError(
      'PRIVILEGE_MISSING',
      'compare: --grow makes a database for each size, and the role may not create databases; give it CREATEDB, or ' +
        'name another role in DATABASE_URL',
      { cause },
    )
  } finally {
    await client.end()
  }
}
