import { afterAll, beforeAll, expect, it } from 'vitest'
import { itemConfig } from '../cli/project.ts'
import { until } from '../support/until.ts'
import { type CauseStand, createCauseStand } from './cause-stand.ts'

let stand: CauseStand

beforeAll(async () => {
  stand = await createCauseStand()
  await stand.whenGreen()
})
afterAll(() => stand?.close())

const cancel = () => stand.project.cli('refresh', 'item@view', '--cancel')
const whenBuilding = () => until('a refresh builds', async () => (await stand.look()).run?.phase === 'building')

it('shows a refresh that runs, and cancels it through the session that its worker has recorded', async () => {
  await stand.dial({ sleep: 600 })
  await whenBuilding()
  expect((await stand.look()).run).toMatchObject({
    cause: 'schedule',
    attempt: 1,
    worker: expect.stringMatching(/:\d+$/),
  })
  expect((await stand.project.cli('status')).out).toMatch(
    /\n {2}under way: a refresh \(schedule\), building, for .*, by \S+:\d+, PostgreSQL process \d+/,
  )
  await stand.dial({})
  const { code, out } = await cancel()
  expect(code).toBe(0)
  expect(out).toMatch(/^item@view: cancelled the refresh \(schedule\) that was building, after /)
  const { rows } = await stand.project.database.pool.query(
    `select error, sqlstate from trifold.refreshes where outcome = 'failed'`,
  )
  expect(rows).toEqual([{ error: expect.stringContaining('was cancelled by an operator'), sqlstate: '57014' }])
  await stand.whenGreen()
})

it('says that it waits for a lock', async () => {
  const locker = await stand.project.database.pool.connect()
  await locker.query('begin; lock table public.items in access exclusive mode')
  await until('it waits', async () => (await stand.look()).run?.phase === 'waiting for a lock')
  await locker.query('rollback')
  locker.release()
  await stand.whenGreen()
})

it('cancels nothing without the privilege, and says which', async () => {
  const { name, url, pool } = stand.project.database
  const role = `other_${name.slice(-12)}`
  // Not on the view: a refresh changes its row of the catalog.
  const { rows } = await pool.query(
    `select string_agg(oid::regclass::text, ', ') as tables
    from pg_class
    where relkind in ('r', 'p') and relnamespace in ('trifold'::regnamespace, 'public'::regnamespace)`,
  )
  await pool.query(
    `create role ${role} login password 'secret'; grant usage on schema trifold, public to ${role};
    grant select on ${rows[0].tables} to ${role}`,
  )
  const targets = `targets: { view: { every: '300ms' } }, on: undefined,`
  try {
    const own = new URL(url)
    own.username = role
    own.password = 'secret'
    await stand.dial({ sleep: 600 })
    await whenBuilding()
    await stand.project.configure(itemConfig(own.toString(), targets))
    expect((await cancel()).err).toMatch(/may not cancel .*pg_signal_backend.*\[PRIVILEGE_MISSING\]/)
  } finally {
    await stand.project.configure(itemConfig(url, targets))
    await stand.dial({})
    await cancel() // dropping the role waits for the locks of the refresh
    await pool.query(`drop owned by ${role}; drop role ${role}`)
  }
})

it('refuses to cancel what does not run', async () => {
  stand.worker.child.kill('SIGTERM')
  await stand.worker.ended
  const { code, err } = await cancel()
  expect(code).toBe(1)
  expect(err).toMatch(/no refresh of item@view is running, so there is nothing to cancel.*\[REFRESH_NOT_RUNNING\]/)
})
