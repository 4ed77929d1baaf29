import { afterEach, beforeEach, expect, it } from 'vitest'
import { createProject, itemConfig, type Project, type Started } from '../cli/project.ts'
import { until } from '../support/until.ts'

const definition = 'select id, name from public.items'
const renameColumn = 'alter table public.items rename column name to title'
const renameBack = 'alter table public.items rename column title to name'
let project: Project
let worker: Started

beforeEach(async () => {
  project = await createProject()
  await project.configure(itemConfig(project.database.url, 'targets: { table: {} },'))
  worker = project.start(['worker', '--json'])
  await worker.whenObserved('target.leased')
})
afterEach(async () => {
  worker.child.kill('SIGTERM')
  await worker.ended
  await project.close()
})

async function restartWorker(): Promise<void> {
  worker.child.kill('SIGTERM')
  await worker.ended
  worker = project.start(['worker', '--json'])
}

const verdict = async () => JSON.parse((await project.cli('status', '--json')).out).verdict

/** It is green before an event comes, and the generation is the one before: nothing was built again. */
async function expectGoesOn(): Promise<void> {
  await until('it is green', async () => (await verdict()) === 'green')
  await project.addItem(1, 'after')
  await until('the table goes on', async () => {
    const { rowCount } = await project.database.pool.query('select from trifold.item__table_g1')
    return rowCount === 1
  })
  expect(await verdict()).toBe('green')
}

it('a table that stopped at a drift goes on once that is corrected, without an operator', async () => {
  await project.database.pool.query(renameColumn)
  expect((await worker.whenObserved('target.stopped')).error).toMatchObject({ code: 'DEFINITION_DRIFT' })
  await project.database.pool.query(renameBack)
  await expectGoesOn()
})

it('so does one whose worker started after the drift', async () => {
  await project.database.pool.query('alter table public.items rename to articles')
  await project.database.pool.query('create view public.items as select * from public.articles')
  await restartWorker()
  expect((await worker.whenObserved('target.stopped')).error).toMatchObject({ code: 'DEFINITION_DRIFT' })
  await project.database.pool.query('drop view public.items')
  await project.database.pool.query('alter table public.articles rename to items')
  await expectGoesOn()
})

it('so does one whose released definition was edited, once the edit is undone', async () => {
  await project.write('views/item_v01.sql', `${definition} where id > 0`)
  await restartWorker()
  expect((await worker.whenObserved('target.stopped')).error).toMatchObject({ code: 'DEFINITION_DRIFT' })
  await project.write('views/item_v01.sql', definition)
  await expectGoesOn()
})
