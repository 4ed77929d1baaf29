import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { runChecks } from '../../src/operator/doctor/finding.ts'
import { outboxChecks } from '../../src/operator/doctor/outbox.ts'
import { privilegeChecks } from '../../src/operator/doctor/privileges.ts'
import { redisChecks } from '../../src/operator/doctor/redis.ts'
import { searchChecks } from '../../src/operator/doctor/search.ts'
import { sessionChecks } from '../../src/operator/doctor/sessions.ts'
import { settingChecks } from '../../src/operator/doctor/settings.ts'
import { tombstonesOf } from '../../src/operator/doctor/targets.ts'
import { doctor, type Finding } from '../../src/operator/doctor.ts'
import { rebuild } from '../../src/operator/rebuild.ts'
import { status } from '../../src/operator/status.ts'
import { openToolkit } from '../../src/toolkit.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { besideDurability } from '../support/findings.ts'
import { createMarket } from '../support/market/database.ts'
import { marketConfig, marketModels } from '../support/market.ts'
import { describeWithSearch } from '../support/search.ts'

/** What is not ok, as `check: level`. */
const complaints = (findings: readonly Finding[]) =>
  findings.filter(({ level }) => level !== 'ok').map(({ check, level }) => `${check}: ${level}`)

describe('the doctor complains', () => {
  const settings = {
    autovacuum: 'on',
    default_transaction_isolation: 'read committed',
    default_transaction_read_only: 'off',
    fsync: 'on',
    full_page_writes: 'on',
    idle_session_timeout: '0',
    server_encoding: 'UTF8',
    statement_timeout: '0',
    synchronous_commit: 'on',
    transaction_timeout: '0',
  }
  const server = { settings, connectionsFree: 80, maxConnections: 100, views: 1 }
  const outbox = {
    sequenceCache: 1,
    lastPosition: 5,
    partitionsEnd: 20_000_001,
    partitions: 2,
    defaultRows: 0,
    bytes: 5_000_000,
    oldest: 86_400_000,
    held: { partitions: 0, bytes: 0, by: [] as string[] },
  }
  const search = {
    url: 'http://search:9200/',
    version: '3.8.0',
    health: 'green',
    autoCreate: 'false',
    disks: [{ node: 'a', percent: 40 }],
    highWatermark: '90%',
    thresholdEnabled: true,
    heaps: [{ node: 'a', percent: 40, megabytes: 512 }],
  }
  const rights = {
    role: 'app',
    database: 'shop',
    schema: 'public',
    schemaExists: true,
    createSchemas: true,
    createNames: true,
    foreign: [],
    untouchable: [],
  }
  const redis = { url: 'redis://localhost', version: '7.0.15', policy: 'noeviction' }

  it('of nothing where all is well', () => {
    expect([
      ...complaints(runChecks('postgresql', settingChecks, server)),
      ...complaints(runChecks('outbox', outboxChecks, outbox)),
      ...complaints(runChecks('opensearch', searchChecks, search)),
      ...complaints(runChecks('postgresql', privilegeChecks, rights)),
      ...complaints(runChecks('redis', redisChecks, redis)),
      ...complaints(runChecks('postgresql', sessionChecks, { transactions: [], prepared: [] })),
    ]).toEqual([])
  })

  it.each([
    [{ connectionsFree: 10 }, 'connections: warning'],
    [{ connectionsFree: 11, views: 0 }, 'connections: warning'],
    [{ views: 60 }, 'connections: warning'],
    [{ settings: { ...settings, fsync: 'off' } }, 'durability: problem'],
    [{ settings: { ...settings, synchronous_commit: 'off' } }, 'synchronousCommit: warning'],
    [{ settings: { ...settings, statement_timeout: '5000' } }, 'timeouts: warning'],
    [{ settings: { ...settings, idle_session_timeout: '5000' } }, 'timeouts: warning'],
    [{ settings: { ...settings, default_transaction_read_only: 'on' } }, 'transactions: problem'],
    [{ settings: { ...settings, default_transaction_isolation: 'serializable' } }, 'transactions: warning'],
    [{ settings: { ...settings, autovacuum: 'off' } }, 'autovacuum: warning'],
    [{ settings: { ...settings, server_encoding: 'LATIN1' } }, 'encoding: warning'],
  ])('of the settings %j', (facts, complaint) => {
    expect(complaints(runChecks('postgresql', settingChecks, { ...server, ...facts }))).toEqual([complaint])
  })

  it.each([
    [{ sequenceCache: 20 }, 'sequenceCache: problem'],
    [{ lastPosition: 19_000_000 }, 'partitions: warning'],
    [{ held: { partitions: 1, bytes: 5_000, by: ['a@table'] } }, 'retention: warning'],
    [{ defaultRows: 3 }, 'defaultPartition: warning'],
  ])('of the outbox %j', (facts, complaint) => {
    expect(complaints(runChecks('outbox', outboxChecks, { ...outbox, ...facts }))).toEqual([complaint])
  })

  it.each([
    [{ version: '1.3.20' }, 'reachable: problem'],
    [{ health: 'red' }, 'health: problem'],
    [{ autoCreate: 'true' }, 'autoCreate: warning'],
    [{ disks: [{ node: 'a', percent: 91 }] }, 'disk: warning'],
    [{ heaps: [{ node: 'a', percent: 93, megabytes: 512 }] }, 'heap: warning'],
  ])('of the OpenSearch %j', (facts, complaint) => {
    expect(complaints(runChecks('opensearch', searchChecks, { ...search, ...facts }))).toEqual([complaint])
  })

  it('of an index that has more tombstones than rows', () => {
    const target = { target: 'order_summary@search', rows: 20_000 }
    expect(tombstonesOf({ ...target, tombstones: 20_000 })).toEqual([])
    expect(tombstonesOf({ ...target, rows: 3, tombstones: 10_000 })).toEqual([])
    expect(tombstonesOf({ ...target, tombstones: 20_001 })).toMatchObject([
      {
        level: 'warning',
        message:
          'order_summary@search should be built again: it keeps 20001 tombstones of removed rows beside 20000 rows',
        next: 'a worker does so within ten minutes; `trifold rebuild order_summary@search` does it now',
      },
    ])
  })

  it.each([
    [{ createSchemas: false }, 'createSchemas: warning'],
    [{ createNames: false }, 'createNames: problem'],
    [{ createNames: false, schemaExists: false }, 'createNames: problem'],
    [{ foreign: ['trifold.outbox'] }, 'ownership: problem'],
    [{ untouchable: ['other'] }, 'takeover: problem'],
  ])('of the privileges %j', (facts, complaint) => {
    expect(complaints(runChecks('postgresql', privilegeChecks, { ...rights, ...facts }))).toEqual([complaint])
  })

  it.each([
    [{ policy: 'allkeys-lru' }, 'policy: problem'],
    [{ version: '6.0.16' }, 'reachable: warning'],
    [{ version: '4.0.14' }, 'reachable: problem'],
  ])('of the Redis %j', (facts, complaint) => {
    expect(complaints(runChecks('redis', redisChecks, { ...redis, ...facts }))).toEqual([complaint])
  })

  it('always with what to do', () => {
    const holder = { name: '4711', user: 'app', milliseconds: 600_000, state: 'idle in transaction' }
    const findings = runChecks('postgresql', sessionChecks, {
      transactions: [holder],
      prepared: [{ ...holder, name: 'gid' }],
    })
    expect(complaints(findings)).toEqual(['longTransactions: warning', 'preparedTransactions: warning'])
    expect(findings.map(({ next }) => next).join()).toContain('pg_terminate_backend(4711)')
    expect(findings.map(({ next }) => next).join()).toContain("commit prepared 'gid'")
  })
})

describe('the doctor on a real server', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createDatabase()
  })
  afterAll(() => database.close())

  const examine = (url: string) => doctor(resolveConfig({ database: url, readModels: {} }, '/', {}))

  it('finds nothing wrong as the owner', async () => {
    const { ok, findings } = await examine(database.url)
    const problems = findings.filter(({ level }) => level === 'problem')
    expect(besideDurability(problems)).toEqual([])
    expect(ok).toBe(problems.length === 0)
  })

  it('sees rows in the default partition and a sequence with a cache', async () => {
    await database.pool.query(`alter sequence trifold.outbox_position cache 20`)
    await database.pool.query(
      `insert into trifold.outbox (position, era, type, aggregate, payload) values (900000001, 1, 'X', 'x', '{}')`,
    )
    expect(complaints(besideDurability((await examine(database.url)).findings))).toEqual([
      'sequenceCache: problem',
      'defaultPartition: warning',
    ])
    await database.pool.query(`delete from trifold.outbox`)
    await database.pool.query(`alter sequence trifold.outbox_position cache 1`)
  })

  it('sees what a role may not do, and its settings', async () => {
    const role = `${database.name}_reader`
    await database.pool.query(`create role ${role} login password '${role}'`)
    try {
      await database.pool.query(`alter role ${role} set statement_timeout = 5000`)
      await database.pool.query(`alter role ${role} set synchronous_commit = off`)
      await database.pool.query(`grant usage on schema trifold to ${role}`)
      await database.pool.query(`grant select on all tables in schema trifold to ${role}`)
      await database.pool.query(`grant select on all sequences in schema trifold to ${role}`)
      const url = new URL(database.url)
      url.username = role
      url.password = role
      const { ok, findings } = await examine(url.toString())
      expect(ok).toBe(false)
      expect(complaints(besideDurability(findings))).toEqual([
        'createSchemas: warning',
        'createNames: problem',
        'ownership: problem',
        'synchronousCommit: warning',
        'timeouts: warning',
      ])
    } finally {
      await database.pool.query(`drop owned by ${role}`)
      await database.pool.query(`drop role ${role}`)
    }
  })

  it('agrees with status, and does not wait for a table that is locked', async () => {
    const market = await createMarket()
    const models = { plain_order: marketModels.plain_order } as never
    const config = resolveConfig(marketConfig({ database: market.url }, models), '/', {})
    const targetsOf = async () => (await doctor(config)).findings.filter(({ part }) => part === 'targets')
    expect(await targetsOf()).toMatchObject([{ level: 'warning', message: expect.stringContaining('never built') }])
    const toolkit = await openToolkit(config)
    await rebuild(toolkit, 'plain_order@table')
    expect(await targetsOf()).toMatchObject([{ level: 'warning', message: expect.stringContaining('no worker') }])
    const looked = async () => (await status(toolkit)).targets[0]
    await market.pool.query('drop view plain_order, plain_order__table')
    expect(await looked()).toMatchObject({
      verdict: 'red',
      reason: expect.stringContaining('plain_order__table is missing'),
    })
    await market.pool.query('drop table trifold.plain_order__table_g1')
    const lost = await looked()
    expect(lost).toMatchObject({ verdict: 'red', reason: expect.stringContaining('plain_order__table_g1 is missing') })
    expect(await targetsOf()).toMatchObject([{ level: 'problem', message: expect.stringContaining(lost!.reason) }])
    await toolkit.close()
    const migration = await market.pool.connect()
    await migration.query('begin; lock table orders')
    const found = (await doctor(config)).findings.filter(({ level }) => level === 'problem')
    expect(found.map(({ message }) => message).join()).toMatch(/lock/)
    await migration.query('rollback')
    migration.release()
    await market.close()
  })

  it('reports engines that do not answer and goes on', async () => {
    const { ok, findings } = await doctor(searchConfig('postgres://127.0.0.1:1/none', 'http://127.0.0.1:1'))
    expect(ok).toBe(false)
    expect(findings.map(({ part, check, level }) => [part, check, level])).toEqual([
      ['postgresql', 'reachable', 'problem'],
      ['opensearch', 'reachable', 'problem'],
    ])
  })
})

describeWithSearch('the doctor on a real OpenSearch', () => {
  it('knows its version, health, disks and heap', async () => {
    const { findings } = await doctor(searchConfig('postgres://127.0.0.1:1/none', inject('openSearchUrl')))
    const found = findings.filter(({ part }) => part === 'opensearch')
    expect(found.map(({ check }) => check)).toEqual(['reachable', 'health', 'autoCreate', 'disk', 'heap'])
    expect(found[0]?.message).toMatch(/^OpenSearch \d+\.\d+/)
  })
})

/** A read model with a search target, on these addresses. */
function searchConfig(database: string, search: string) {
  const anything = { '~standard': { version: 1 as const, vendor: 'test', validate: (value: unknown) => ({ value }) } }
  const item = { key: ['id'], targets: { search: {} }, on: { ItemAdded: () => undefined } }
  return resolveConfig({ database, search, events: { ItemAdded: anything }, readModels: { item } }, '/', {})
}
