import { afterEach, beforeEach, expect, it } from 'vitest'
import { until } from '../support/until.ts'
import { createProject, type Project, type Started } from './project.ts'

const env = { TRIFOLD_RANGE_ROWS: '20' }

let project: Project
let started: Started
beforeEach(async () => {
  project = await createProject()
  await project.database.pool.query(`insert into public.items select n, 'item ' || n from generate_series(1, 500) as n`)
})
afterEach(async () => {
  started?.child.kill('SIGKILL')
  await started?.ended
  await project.close()
})

const copied = async (): Promise<number> =>
  Number((await project.database.pool.query('select sum(row_count) from trifold.range_snapshots')).rows[0].sum)

it.each(['SIGINT', 'SIGTERM'] as const)('%s cancels a rebuild, and the next continues it', async (signal) => {
  started = project.start(['rebuild', 'item@table', '--max-rate', '10', '--json'], env) // it would take 50 seconds
  await until('a range is copied', async () => (await copied()) > 0)
  started.child.kill(signal)
  const { code, out, err } = await started.ended
  expect(code).toBe(1)
  expect(JSON.parse(out).error).toMatchObject({ code: 'REBUILD_CANCELLED' })
  const rows = await copied()
  expect(rows).toBeLessThan(500)
  expect(err).toContain(`generation 1 keeps ${rows} rows, with which the next rebuild continues`)

  const next = project.start(['rebuild', 'item@table'], env)
  const { code: done, err: log } = await next.ended
  expect(done).toBe(0)
  expect(log).toContain(`continuing generation 1 with the ${rows} rows that an interrupted rebuild copied`)
  expect((await project.database.pool.query('select from public.item__table')).rowCount).toBe(500)
})

it('cancels a copy at one snapshot in the middle of a statement, and leaves nothing', async () => {
  await project.write('views/item_v01.sql', `select id, name from public.items where pg_sleep(0.1) is not null`)
  started = project.start(['rebuild', 'item@table'])
  const running = `select from pg_stat_activity where datname = current_database() and state = 'active' and query like 'insert into "trifold".%'`
  await until('rows are copied', async () => (await project.database.pool.query(running)).rowCount === 1)
  started.child.kill('SIGINT')
  const { code, err } = await started.ended
  expect(code).toBe(1)
  expect(err).toContain('nothing of generation 1 is left')
  const { rows } = await project.database.pool.query(
    `select to_regclass('trifold.item__table_g1') as storage, state from trifold.generations`,
  )
  expect(rows).toEqual([{ storage: null, state: 'dropped' }])
})

it('refuses a rate that is none', async () => {
  started = project.start(['rebuild', 'item@table', '--max-rate', '0'])
  const { code, err } = await started.ended
  expect(code).toBe(2)
  expect(err).toContain('it must be a number of rows above 0')
})
