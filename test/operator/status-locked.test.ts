import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { type Status, status } from '../../src/operator/status.ts'
import { openToolkit } from '../../src/toolkit.ts'
import { createProject, itemConfig, type Project } from '../cli/project.ts'

let project: Project
let locker: { query(text: string): Promise<unknown>; release(): void }

beforeAll(async () => {
  project = await createProject()
  const { pool, url } = project.database
  await pool.query(`
    insert into public.items select n, 'item ' || n from generate_series(1, 50) as n;
    create view public.named as select id, name from public.items`)
  await project.write('views/item_v01.sql', 'select id, name from public.named')
  await project.configure(itemConfig(url))
  expect((await project.cli('rebuild', '--outdated')).code).toBe(0)
  locker = await pool.connect()
  await locker.query(`set application_name = 'migration of the shop'`)
})
afterEach(() => locker.query('rollback'))
afterAll(async () => {
  locker.release()
  await project.close()
})

const begin = (statement: string) => locker.query(`begin; ${statement}`)
const lock = (relation: string) => begin(`lock table ${relation} in access exclusive mode`)

/** An answer while the lock is held: one that waited for it would never come. */
const look = async () => JSON.parse((await project.cli('status', '--json')).out) as Status

const byMigration = / is locked by migration of the shop \(pid \d+\) since 20\S+Z: begin; (lock table|alter) /

it.each(['public.items', 'public.named'])(
  'answers while %s is locked, and says what it could not look at',
  async (relation) => {
    await lock(relation)
    const { targets } = await look()
    expect(targets).toMatchObject([
      { materializer: 'table', verdict: 'yellow', generation: { number: 1 }, unread: ['definition'] },
      { materializer: 'view', verdict: 'yellow', rows: 50, generation: { number: 1 }, unread: ['definition'] },
    ])
    expect(targets[1]?.reason).toMatch(byMigration)
    expect((await project.cli('status')).out).toContain('not looked at for a lock: its definition')
  },
)

it('answers while the rows of a target are locked, for which its readers wait', async () => {
  await begin('alter materialized view trifold.item__view_g1 owner to current_user')
  const { targets } = await look()
  expect(targets.find(({ materializer }) => materializer === 'view')).toMatchObject({
    verdict: 'yellow',
    reason: expect.stringMatching(byMigration),
    rows: 50,
    bytes: null,
    unread: [],
  })
})

it('looks at a target as it was built in a process that opened it while it was locked, and again once it is not', async () => {
  await lock('public.items')
  const config = { database: project.database.url, root: project.folder }
  const model = { key: ['id'], targets: { view: {} } }
  const toolkit = await openToolkit(resolveConfig({ ...config, readModels: { item: model } }, undefined, {}), {
    lockTimeout: 50,
  })
  try {
    expect((await status(toolkit)).targets).toMatchObject([{ verdict: 'yellow', rows: 50, unread: ['definition'] }])
    await locker.query('rollback')
    expect((await status(toolkit)).targets).toMatchObject([{ verdict: 'green', rows: 50, unread: [] }])
  } finally {
    await toolkit.close()
  }
})

it('names who has locked a table of Trifold itself', async () => {
  await lock('trifold.generations')
  const { code, err } = await project.cli('status')
  expect(code).toBe(1)
  expect(err).toMatch(
    /trifold\.generations is locked by migration of the shop \(pid \d+\) since .*; end that transaction .*\[DATABASE_LOCKED\]/,
  )
})
