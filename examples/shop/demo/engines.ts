import { randomBytes } from 'node:crypto'
import { progressLines, startStack } from '@trifold/stack'
import pg from 'pg'
import { TrifoldError } from 'trifold'
import type { Run } from './run.ts'

/** The engines of a run, with a database and an index prefix that nobody else uses. */
export interface Engines {
  databaseUrl: string
  searchUrl: string | undefined
  indexPrefix: string
  /** `PostgreSQL 18.4, OpenSearch 3.8.0` */
  versions: string
}

/** Starts the embedded engines, or takes those that the environment names; both are left as they were found. */
export async function openEngines(run: Run): Promise<Engines> {
  const { databaseUrl, openSearchUrl } = run.options.given ? givenEngines(run) : await startedEngines(run)
  const name = `trifold_demo_${randomBytes(4).toString('hex')}`
  await onServer(databaseUrl, `create database ${name}`)
  if (run.options.given) run.atEnd(() => onServer(databaseUrl, `drop database if exists ${name} with (force)`))
  const indexPrefix = `${name}-`
  if (run.options.given && openSearchUrl) run.atEnd(() => dropIndexes(openSearchUrl, indexPrefix))
  const url = new URL(databaseUrl)
  url.pathname = `/${name}`
  const versions = await versionsOf(url.toString(), openSearchUrl)
  return { databaseUrl: url.toString(), searchUrl: openSearchUrl, indexPrefix, versions }
}

interface Addresses {
  databaseUrl: string
  openSearchUrl: string | undefined
}

function givenEngines({ options }: Run): Addresses {
  const { DATABASE_URL, OPENSEARCH_URL } = process.env
  if (!DATABASE_URL) {
    throw new TrifoldError('CONFIG_INVALID', 'demo: --given needs DATABASE_URL; set it, or leave --given out')
  }
  return { databaseUrl: DATABASE_URL, openSearchUrl: options.opensearch ? OPENSEARCH_URL || undefined : undefined }
}

async function startedEngines({ options, console, signal, say, atEnd }: Run): Promise<Addresses> {
  const { DATABASE_URL: _database, OPENSEARCH_URL: _search, REDIS_URL: _redis, ...env } = process.env
  const progress = progressLines(console.stderr)
  const stack = await startStack({ openSearch: options.opensearch, env, progress, signal })
  atEnd(() => stack.stop())
  if (stack.openSearchUnavailable) {
    say(`Without OpenSearch, so with two targets: ${stack.openSearchUnavailable.replaceAll(/\s*\n\s*/g, ' ')}`)
  }
  return { databaseUrl: stack.databaseUrl, openSearchUrl: stack.openSearchUrl }
}

async function onServer(databaseUrl: string, statement: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    return await client.query(statement)
  } finally {
    await client.end()
  }
}

async function versionsOf(databaseUrl: string, searchUrl: string | undefined): Promise<string> {
  const { rows } = await onServer(databaseUrl, `select current_setting('server_version') as version`)
  const postgres = `PostgreSQL ${rows[0].version}`
  if (!searchUrl) return postgres
  const { version } = (await askSearch(searchUrl, '')) as { version: { number: string } }
  return `${postgres}, OpenSearch ${version.number}`
}

/** What OpenSearch answers at a path. A name and password in the address become basic auth. */
export async function askSearch(searchUrl: string, path: string, method = 'GET'): Promise<unknown> {
  const url = new URL(searchUrl)
  const basic = Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`).toString(
    'base64',
  )
  const headers: Record<string, string> = url.username ? { authorization: `Basic ${basic}` } : {}
  const response = await fetch(`${url.origin}/${path}`, { method, headers, signal: AbortSignal.timeout(10_000) })
  if (!response.ok) throw new Error(`OpenSearch answered ${response.status} at /${path}`)
  return response.json()
}

async function dropIndexes(searchUrl: string, prefix: string): Promise<void> {
  const found = (await askSearch(searchUrl, `${prefix}*`)) as Record<string, unknown>
  for (const index of Object.keys(found)) await askSearch(searchUrl, index, 'DELETE')
}
