import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Stack, type StackOptions, startStack } from '../../packages/stack/src/index.ts'
import { processLives } from '../../packages/stack/src/orphans.ts'
import { exists, ownEngines } from './child.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp('/tmp/trifold-test-stack-')
  await chmod(folder, 0o755)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

async function withStack<T>(options: StackOptions, use: (stack: Stack) => Promise<T>): Promise<T> {
  const stack = await startStack({ env: ownEngines(), openSearch: false, ...options })
  try {
    return await use(stack)
  } finally {
    await stack.stop()
  }
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

async function rejection(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => new Error('it did not reject'),
    (error: Error) => error,
  )
}

test('starts PostgreSQL from nothing, durable, in UTC and UTF-8, and stops without a trace', async () => {
  const engine = await withStack({ postgresSettings: { max_prepared_transactions: '7' } }, async (stack) => {
    const rows = await query(
      stack.databaseUrl,
      `select current_setting('server_version') as version, current_setting('fsync') as fsync,
              current_setting('TimeZone') as zone, current_setting('server_encoding') as encoding,
              current_setting('max_prepared_transactions') as prepared, lower('ÄÉ') as folded, 'a' < 'B' as dictionary`,
    )
    expect(rows).toEqual([
      { version: '18.4', fsync: 'on', zone: 'UTC', encoding: 'UTF8', prepared: '7', folded: 'äé', dictionary: false },
    ])
    return stack.engines[0]!
  })
  expect(processLives(engine.pid)).toBe(false)
  expect(await exists(engine.folder)).toBe(false)
})

test('PostgreSQL listens on the loopback address alone, as an account that is not root', async () => {
  await withStack({}, async (stack) => {
    const [row] = await query(
      stack.databaseUrl,
      `select current_setting('listen_addresses') as addresses, current_setting('unix_socket_directories') as sockets`,
    )
    expect(row).toEqual({ addresses: '127.0.0.1', sockets: '' })
    expect((await stat(stack.engines[0]!.folder)).uid).not.toBe(0)
  })
})

test('PostgreSQL lets nobody in without its password, which only the owner can read', async () => {
  await withStack({}, async (stack) => {
    const address = new URL(stack.databaseUrl)
    for (const password of ['', 'postgres']) {
      address.password = password
      await expect(query(address.toString(), 'select 1')).rejects.toThrow(/password/)
    }
    expect((await stat(join(stack.engines[0]!.folder, '..', 'password'))).mode & 0o777).toBe(0o600)
    expect((await stat(join(stack.engines[0]!.folder, '..'))).mode & 0o077).toBe(0)
  })
})

test('two stacks run side by side and the stop of one leaves the other', async () => {
  await withStack({}, async (kept) => {
    await withStack({}, async (other) => expect(other.databaseUrl).not.toBe(kept.databaseUrl))
    expect(await query(kept.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }])
  })
})

test('keeps the data in a given folder, which a second stack is refused', async () => {
  const dataDir = join(folder, 'data')
  await withStack({ dataDir }, async (stack) => {
    await query(stack.databaseUrl, 'create table kept as select 42 as answer')
    const refused = await rejection(startStack({ env: ownEngines(), openSearch: false, dataDir }))
    expect(refused).toMatchObject({ code: 'STACK_FAILED', message: expect.stringContaining('postmaster.pid') })
  })
  await withStack({ dataDir }, async (stack) => {
    expect(await query(stack.databaseUrl, 'select answer from kept')).toEqual([{ answer: 42 }])
  })
  expect(await readFile(join(dataDir, 'postgres.log'), 'utf8')).toContain('ready to accept connections')
})

test('refuses a taken port with the reason in the message', async () => {
  await withStack({}, async (stack) => {
    const postgresPort = stack.engines[0]!.port
    const refused = await rejection(startStack({ env: ownEngines(), openSearch: false, postgresPort }))
    expect(refused).toMatchObject({ code: 'STACK_FAILED', message: expect.stringContaining('could not bind') })
  })
})

test('starts nothing whose address is given', async () => {
  const env = ownEngines({
    DATABASE_URL: 'postgres://app@db.example/app',
    OPENSEARCH_URL: 'https://user:secret@search.example:9200',
    OPENSEARCH_CA: '/etc/ca.pem',
    KAFKA_BROKERS: 'one.example:9092,two.example:9092',
    REDIS_URL: 'redis://cache.example',
  })
  await withStack({ env, openSearch: true, kafka: true }, async (stack) => {
    expect(stack).toMatchObject({
      databaseUrl: 'postgres://app@db.example/app',
      openSearchUrl: 'https://user:secret@search.example:9200',
      openSearchCa: '/etc/ca.pem',
      kafkaBrokers: 'one.example:9092,two.example:9092',
      redisUrl: 'redis://cache.example',
      engines: [],
    })
    expect(stack.openSearchUnavailable).toBeUndefined()
  })
})

test('says what to install where Java is missing, and PostgreSQL runs all the same', async () => {
  const env = ownEngines({ PATH: '/nowhere', JAVA_HOME: '', OPENSEARCH_JAVA_HOME: '' })
  await withStack({ env, openSearch: true, kafka: true, jvmFolders: [] }, async (stack) => {
    expect(stack.openSearchUrl).toBeUndefined()
    expect(stack.openSearchUnavailable).toContain('needs Java 21 or newer, and no Java was found')
    expect(stack.kafkaBrokers).toBeUndefined()
    expect(stack.kafkaUnavailable).toContain('Kafka 4.1.0 needs Java 17 or newer, and no Java was found')
    expect(await query(stack.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }])
  })
})

test('says what to install where OpenSearch and Kafka have to be fetched and Maven is missing', async () => {
  const java = join(folder, 'java', 'bin')
  const options = { env: await javaWithoutMaven(java), openSearch: true, kafka: true, postgres: false }
  await withStack(options, async (stack) => {
    expect(stack.openSearchUnavailable).toContain('Install Maven')
    expect(stack.kafkaUnavailable).toContain('Install Maven')
    expect(stack.engines).toEqual([])
  })
})

/** An empty cache, and a Java that only tells its release. */
async function javaWithoutMaven(bin: string): Promise<NodeJS.ProcessEnv> {
  await mkdir(bin, { recursive: true })
  await writeFile(join(bin, 'java'), `#!/bin/sh\necho 'openjdk version "25.0.1"' >&2\n`, { mode: 0o755 })
  return ownEngines({ PATH: '/nowhere', OPENSEARCH_JAVA_HOME: join(bin, '..'), TRIFOLD_CACHE: join(folder, 'cache') })
}
