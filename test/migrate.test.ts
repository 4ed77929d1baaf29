import { readdir } from 'node:fs/promises'
import { afterEach, expect, it } from 'vitest'
import { migrate, migrationsFolder } from '../src/migrate.ts'
import { createDatabase, type TestDatabase } from './support/database.ts'

let database: TestDatabase
afterEach(() => database.close())

const one = async (statement: string) => Object.values((await database.pool.query(statement)).rows[0])[0]
const ledger = () => one(`select coalesce(string_agg(name, ', '), '') from trifold.migrations`)
const relation = (name: string) => one(`select to_regclass('${name}')::text`)

const refusalOf = (url: string) =>
  migrate(url).then(
    () => 'not refused',
    (error: Error) => error.message,
  )

/** The same database, as a role that owns nothing in it. */
async function asRole(name: string): Promise<string> {
  await database.pool.query(`create role ${name} login password 'secret'`)
  const url = new URL(database.url)
  url.username = name
  url.password = 'secret'
  return url.toString()
}

it('keeps what ran in the schema trifold, and leaves no trace if all is undone', async () => {
  database = await createDatabase({ migrated: false })
  await migrate(database.url)
  expect(await ledger()).toContain('0001_trifold')
  expect(await relation('public.trifold_migrations')).toBeNull()
  await migrate(database.url, { direction: 'down', count: 100 })
  expect(await one(`select to_regnamespace('trifold')::text`)).toBeNull()
  expect(await migrate(database.url)).toContain('0001_trifold')
})

it('changes nothing in a dry run', async () => {
  database = await createDatabase({ migrated: false })
  expect(await migrate(database.url, { dryRun: true })).toContain('0001_trifold')
  expect(await one(`select to_regnamespace('trifold')::text`)).toBeNull()
})

it('moves the table of what ran that an earlier version kept in public', async () => {
  database = await createDatabase()
  await database.pool.query('alter table trifold.migrations set schema public')
  await database.pool.query('alter table public.migrations rename to trifold_migrations')
  expect(await migrate(database.url, { dryRun: true })).toEqual([])
  expect(await relation('public.trifold_migrations')).not.toBeNull()
  expect(await migrate(database.url)).toEqual([])
  expect(await ledger()).toContain('0001_trifold')
  expect(await relation('public.trifold_migrations')).toBeNull()
})

it('migrates again after the schema was dropped by hand', async () => {
  database = await createDatabase()
  await database.pool.query('create table public.trifold_migrations as select * from trifold.migrations')
  await database.pool.query('drop schema trifold cascade')
  expect(await migrate(database.url)).toContain('0001_trifold')
  expect(await relation('public.trifold_migrations')).toBeNull()
})

it('gives the era a nonce, keeps the place of a history that is in use, and lets those read it who read the era', async () => {
  database = await createDatabase({ migrated: false })
  const migrations = (await readdir(migrationsFolder)).sort()
  const before = migrations.findIndex((name) => name.includes('nonces'))
  await migrate(database.url, { count: before })
  const role = `app_${database.name.slice(-12)}`
  await database.pool.query(`create role ${role}`)
  try {
    await database.pool.query(`grant select on sequence trifold.era to ${role}`)
    await database.pool.query(`
      insert into trifold.generations (target, number, storage, state, reason, definition_version, definition_hash, columns)
      values ('x@table', 1, 'x', 'serving', 'test', 1, 'x', '[]')`)
    await migrate(database.url)
    expect(await one(`select nonce is null and xmin = written_by::xid from trifold.history`)).toBe(true)
    expect(Number(await one(`select last_value from trifold.era_nonce`))).toBeGreaterThan(2 ** 20)
    expect(await one(`select has_sequence_privilege('${role}', 'trifold.era_nonce', 'select')`)).toBe(true)
    expect(await one(`select has_sequence_privilege('public', 'trifold.era_nonce', 'select')`)).toBe(false)

    await migrate(database.url, { direction: 'down', count: migrations.length - before })
    await database.pool.query('delete from trifold.generations')
    await migrate(database.url)
    expect(
      await one(`select nonce = last_value and history.xmin = written_by::xid from trifold.history, trifold.era_nonce`),
    ).toBe(true)
  } finally {
    await database.pool.query(`drop owned by ${role}`)
    await database.pool.query(`drop role ${role}`)
  }
})

it('lets two runs at a time wait for each other', async () => {
  database = await createDatabase({ migrated: false })
  const runs = await Promise.all([migrate(database.url), migrate(database.url)])
  expect(runs.map((ran) => ran.includes('0001_trifold')).sort()).toEqual([false, true])
})

it('names the grant that is missing, and needs no more than that', async () => {
  database = await createDatabase({ migrated: false })
  const { name, pool } = database
  const role = `app_${name.slice(-12)}`
  const url = await asRole(role)
  try {
    await expect(migrate(url)).rejects.toMatchObject({ code: 'PRIVILEGE_MISSING' })
    const message = await refusalOf(url)
    await pool.query(message.slice(message.indexOf('grant create')))
    await pool.query(`revoke all on schema public from public, "${role}"`)
    expect(await migrate(url)).toContain('0001_trifold')
    await pool.query(`drop owned by "${role}" cascade`)

    await pool.query('create schema trifold')
    expect(await refusalOf(url)).toContain(`grant create, usage on schema trifold to "${role}"`)
    await pool.query(`grant create, usage on schema trifold to "${role}"`)
    expect(await migrate(url)).toContain('0001_trifold')
  } finally {
    await pool.query(`drop owned by "${role}" cascade`)
    await pool.query(`drop role "${role}"`)
  }
})
