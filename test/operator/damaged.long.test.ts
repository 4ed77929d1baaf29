import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Status } from '../../src/operator/status.ts'
import { createProject, type Project } from '../cli/project.ts'

/** What hands do to the relation of a target, `%` in its place, and what is said of it. */
const damages: [title: string, target: 'item@table' | 'item@view', hurt: string, reason: string][] = [
  ['a dropped column', 'item@table', 'alter table % drop column name cascade', 'has lost its column name'],
  ['an added column', 'item@table', 'alter table % add column more text', 'was given the column more'],
  ['a renamed column', 'item@table', 'alter table % rename column name to title', 'has lost its column name'],
  ['no key', 'item@table', 'alter table % drop constraint %_pkey', 'has lost the unique index of its key'],
  [
    'a trigger',
    'item@table',
    'create trigger swallow before insert on % for each row execute function swallow()',
    'was given the trigger swallow',
  ],
  ['a rule', 'item@table', 'create rule nothing as on insert to % do instead nothing', 'was given the rule nothing'],
  ['another name', 'item@table', 'alter table % rename to hidden', 'is missing'],
  ['no unique index', 'item@view', 'drop index %_key', 'has lost the unique index of its key'],
]

describe('a relation that was changed by hand', () => {
  let project: Project
  beforeAll(async () => {
    project = await createProject()
    await project.database.pool.query(`
      create function public.swallow() returns trigger language plpgsql as 'begin return null; end';
      insert into public.items values (1, 'first')`)
    expect((await project.cli('rebuild', '--outdated')).code).toBe(0)
  })
  afterAll(() => project.close())

  const look = async (target: string) => {
    const { targets } = JSON.parse((await project.cli('status', '--json')).out) as Status
    return targets.find((one) => one.target === target)
  }
  const hurt = async (target: string, statement: string) => {
    const storage = (await look(target))?.storage?.split('.')[1] as string
    await project.database.pool.query(
      `set search_path = trifold, public; ${statement.replaceAll('%', storage)}; reset search_path`,
    )
  }

  it.each(damages)('with %s is red for that reason, and built again', async (_title, target, statement, reason) => {
    await hurt(target, statement)
    expect(await look(target)).toMatchObject({
      verdict: 'red',
      reason: expect.stringMatching(
        new RegExp(`^the relation trifold\\.\\w+ ${reason}; a running worker builds the next one$`),
      ),
    })
    expect((await project.cli('doctor')).out).toContain(reason)
    const { code, err } = await project.cli('rebuild', '--outdated')
    expect({ code, err }).toMatchObject({ code: 0, err: expect.stringContaining(reason) })
    expect(await look(target)).not.toMatchObject({ verdict: 'red' })
  })

  it('is built again by a worker that runs, within a look', async () => {
    const worker = project.start(['worker', '--json'])
    await worker.whenObserved('target.leased')
    await hurt('item@table', 'alter table % drop column name cascade')
    await expect.poll(() => look('item@table')).toMatchObject({ verdict: 'green' })
    await project.addItem(2, 'second')
    const rows = async () => (await project.database.pool.query('select name from item__table order by id')).rows
    await expect.poll(rows).toEqual([{ name: 'first' }, { name: 'second' }])
    worker.child.kill('SIGTERM')
    expect(await worker.ended).toMatchObject({ code: 0, err: '' })
  })
  it('is built again by a worker if its cursor was deleted', async () => {
    await project.database.pool.query('delete from trifold.consumers')
    expect(await look('item@table')).toMatchObject({
      verdict: 'red',
      reason: expect.stringContaining('its cursor is missing'),
    })
    const worker = project.start(['worker', '--json'])
    await expect.poll(() => look('item@table')).toMatchObject({ verdict: 'green' })
    worker.child.kill('SIGTERM')
    expect(await worker.ended).toMatchObject({ code: 0, err: '' })
  })

  it.each(['windows', 'history'])('leaves words if trifold.%s was emptied', async (table) => {
    const { pool } = project.database
    await pool.query(`create table public.kept as select * from trifold.${table}; delete from trifold.${table}`)
    const { code, err } = await project.cli('status')
    expect({ code, err }).toMatchObject({
      code: 1,
      err: expect.stringMatching(`the table ${table} of the schema "trifold" has lost its rows.*DATABASE_DAMAGED`),
    })
    expect((await project.cli('doctor')).out).toContain(`the table ${table} of the schema "trifold" has lost its rows`)
    await pool.query(`insert into trifold.${table} select * from public.kept; drop table public.kept`)
  })
})
