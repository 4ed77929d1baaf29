import { afterAll, beforeAll, expect, it } from 'vitest'
import { createProject, itemConfig, type Project } from './project.ts'

let project: Project

beforeAll(async () => {
  project = await createProject()
  await project.addItem(1, 'one')
  expect((await project.cli('rebuild', '--outdated')).code).toBe(0)
})
afterAll(() => project?.close())

const shownByStatus = async () => JSON.parse((await project.cli('status', '--json')).out)

it('refuses a target of the configuration, and one that nobody knows', async () => {
  expect(await project.cli('target', 'remove', 'item@table')).toMatchObject({
    code: 1,
    err: expect.stringContaining('is in the configuration, so a worker would build it again; take it out first'),
  })
  expect((await project.cli('target', 'remove', 'itme@table')).err).toContain('READ_MODEL_UNKNOWN')
})

it('is named by status and removed once the configuration lacks it', async () => {
  expect((await shownByStatus()).unconfigured).toEqual([])
  await project.configure(itemConfig(project.database.url, `targets: { view: { every: '1h' } }`))
  expect((await shownByStatus()).unconfigured).toEqual(['item@table'])
  expect((await project.cli('status')).out).toContain('`trifold target remove item@table` takes it away')
  const removed = await project.cli('target', 'remove', 'item@table', '--json')
  expect(JSON.parse(removed.out)).toEqual({
    target: 'item@table',
    storages: [expect.stringContaining('item__table_g1')],
  })
  expect((await shownByStatus()).unconfigured).toEqual([])
  const { rows } = await project.database.pool.query(`select to_regclass('trifold.item__table_g1') as gone`)
  expect(rows).toEqual([{ gone: null }])
})

it('is removed all the same with --yes', async () => {
  expect((await project.cli('rebuild', '--outdated')).code).toBe(0)
  expect((await project.cli('target', 'remove', 'item@view', '--yes')).out).toContain('removed item@view: dropped')
})
