import { afterEach, beforeEach, expect, it } from 'vitest'
import { createProject, itemConfig, type Project } from '../cli/project.ts'
import { until } from '../support/until.ts'

let project: Project
beforeEach(async () => {
  project = await createProject()
})
afterEach(() => project.close())

it('a worker whose every target has stopped says so, stays, and goes on without a restart once one is resumed', async () => {
  await project.configure(itemConfig(project.database.url, `targets: { table: {} }, onFailure: 'stop',`))
  const worker = project.start(['worker', '--json'])
  await worker.whenObserved('target.leased')
  await project.database.pool.query('alter table trifold.item__table_g1 add constraint short check (length(name) < 5)')
  await project.addItem(1, 'too long')
  await worker.whenObserved('worker.stalled')
  expect(worker.child.exitCode).toBeNull()

  await project.database.pool.query('alter table trifold.item__table_g1 drop constraint short')
  expect((await project.cli('target', 'resume', 'item@table')).code).toBe(0)
  await until('it goes on', async () => {
    const { rowCount } = await project.database.pool.query('select from public.item__table')
    return rowCount === 1
  })
  worker.child.kill('SIGTERM')
  expect(await worker.ended).toMatchObject({ code: 0, err: '' })
  expect(worker.out().match(/worker\.started/g)).toHaveLength(1)
})
