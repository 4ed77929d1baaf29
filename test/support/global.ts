// Starts the engines that every test file shares, except those whose address is given by DATABASE_URL or OPENSEARCH_URL.

import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, statfs, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { findOnPath } from '../../packages/stack/src/find-on-path.ts'
import { type Stack, startStack } from '../../packages/stack/src/index.ts'
import { jiti } from './source-program.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A superuser's address of PostgreSQL, with prepared transactions enabled where it was started here. */
    databaseUrl: string
    /** What the names of the databases that tests copy begin with in this run. */
    templatePrefix: string
    /** OpenSearch's address, or an empty string where there is none. */
    openSearchUrl: string
    /** Why there is no OpenSearch. */
    openSearchUnavailable: string
    /** The redis-server binary, or an empty string where there is none. */
    redisServer: string
  }
}

/** Where Linux keeps files in memory, and the bytes that have to be free there. */
const inMemory = { folder: '/dev/shm', room: 4 * 2 ** 30 }

/** Nothing has to survive a crash: without the wait for the disk a database is made and dropped thirty times as fast. */
const postgresSettings = {
  fsync: 'off',
  full_page_writes: 'off',
  max_prepared_transactions: '20',
  max_connections: '200',
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // The second compiler of Java pays off after some minutes only: without it OpenSearch starts with half the work.
  process.env.OPENSEARCH_JAVA_OPTS ??= '-XX:TieredStopAtLevel=1'
  await writeInMemory()
  const onlyPostgres = process.env.TRIFOLD_TEST_ONLY_POSTGRES === '1'
  const [stack] = await Promise.all([startStack({ openSearch: !onlyPostgres, postgresSettings }), transpile()])
  const unavailable = onlyPostgres ? 'TRIFOLD_TEST_ONLY_POSTGRES is set' : (stack.openSearchUnavailable ?? '')
  if (unavailable !== '') await sayOrFail(stack, unavailable)
  project.provide('databaseUrl', stack.databaseUrl)
  project.provide('openSearchUrl', stack.openSearchUrl ?? '')
  project.provide('openSearchUnavailable', unavailable)
  project.provide('redisServer', (await findOnPath('redis-server', process.env)) ?? '')
  const templatePrefix = `trifold_test_template_${randomBytes(5).toString('hex')}_`
  project.provide('templatePrefix', templatePrefix)
  return async () => {
    await dropTemplates(stack.databaseUrl, templatePrefix)
    await stack.stop()
  }
}

/**
 * Has the sources transpiled for the processes that tests start: jiti keeps the outcome in a folder. Otherwise the first of
 * them would all do it at once, and take their time.
 */
async function transpile(): Promise<void> {
  await promisify(execFile)(process.execPath, [jiti, fileURLToPath(new URL('../../src/worker.ts', import.meta.url))])
}

/**
 * Keeps what the tests write in memory, unless `TMPDIR` names a place: they make and drop half a thousand databases, and a
 * disk's file system is slow to find free inodes for that. Only what jiti has compiled stays for the next run: without it
 * the first processes of workers need eight times as long to load.
 */
async function writeInMemory(): Promise<void> {
  const found = process.env.TMPDIR ? undefined : await statfs(inMemory.folder).catch(() => undefined)
  if (!found || found.bavail * found.bsize < inMemory.room) return
  const compiled = join(tmpdir(), 'jiti')
  await mkdir(compiled, { recursive: true })
  const folder = await mkdtemp(join(inMemory.folder, 'trifold-test-'))
  await chmod(folder, 0o1777) // root's engines run as nobody
  await symlink(compiled, join(folder, 'jiti'))
  process.env.TMPDIR = folder
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
}

async function dropTemplates(server: string, prefix: string): Promise<void> {
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  const { rows } = await client.query('select datname from pg_database where starts_with(datname, $1)', [prefix])
  for (const { datname } of rows) await client.query(`drop database ${datname} with (force)`)
  await client.end()
}

/** A green run without OpenSearch would be a false one where nobody reads the output. */
async function sayOrFail(stack: Stack, unavailable: string): Promise<void> {
  if (process.env.CI) {
    await stack.stop()
    throw new Error(`the tests need OpenSearch, and it could not be started: ${unavailable}`)
  }
  process.stderr.write(`tests that need OpenSearch are skipped: ${unavailable}\n`)
}
