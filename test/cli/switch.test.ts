import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { createProject, itemConfig, type Project } from './project.ts'

let project: Project
let application: Toolkit

const item = { key: ['id'], targets: { table: {}, view: {} }, on: {} } as const

beforeEach(async () => {
  project = await createProject()
  await project.addItem(1, 'one')
  const { database, folder } = project
  const events = {
    ItemAdded: { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } },
  }
  const on = { ItemAdded: () => undefined }
  const config = { database: database.url, root: folder, events, readModels: { item: { ...item, on } } }
  application = await openToolkit(resolveConfig(config as never))
})
afterEach(async () => {
  await application?.close()
  await project?.close()
})

const build = async () => expect(await project.cli('rebuild', '--all')).toMatchObject({ code: 0 })
const switched = async (...args: string[]) => project.cli('switch', 'item', ...args)
const answers = async () => (await application.readModel('item').find()).target
const shownInSql = async () => {
  const { rows } = await project.database.pool.query(`select obj_description('item'::regclass) as shown`)
  return /item__(table|view)_g\d+$/.exec(rows[0].shown)?.[1]
}

describe('a switch', () => {
  beforeEach(build)

  it('is stored, followed by an application that runs, shown by status, and reset', async () => {
    expect([await answers(), await shownInSql()]).toEqual(['item@table', 'table'])
    const { code, out, err } = await switched('--to', 'view')
    expect({ code, err }).toEqual({ code: 0, err: 'item@table held still until the new target has caught up\n' })
    expect(out).toMatch(
      new RegExp(
        '^item: requests without `from` go to item@view now \\(before: item@table\\)\n' +
          'item@view had caught up after .+s; item@table was held still for .+s of that\nin SQL, item shows item@view\n$',
      ),
    )
    expect([await answers(), await shownInSql()]).toEqual(['item@view', 'view'])
    const status = await project.cli('status')
    expect(status.out).toMatch(
      /item: switched to item@view at \S+Z; `trifold switch item --reset` returns to item@table/,
    )
    const reset = await switched('--reset', '--json', '--timeout', '200ms')
    expect(JSON.parse(reset.out).error).toMatchObject({ code: 'WAIT_TIMEOUT' }) // no worker moves the table
    expect([await answers(), await shownInSql()]).toEqual(['item@view', 'view'])
    const worker = project.start(['worker', '--json'])
    try {
      expect(JSON.parse((await switched('--reset', '--json')).out)).toMatchObject({
        from: 'item@view',
        to: 'item@table',
        reset: true,
        name: 'item@table',
      })
    } finally {
      worker.child.kill('SIGTERM')
      await worker.ended
    }
    expect([await answers(), await shownInSql()]).toEqual(['item@table', 'table'])
    expect(JSON.parse((await project.cli('status', '--json')).out).switches).toEqual([])
  })

  it('outranks `serve`, also when a name is put right', async () => {
    await project.configure(itemConfig(project.database.url, `serve: 'table'`))
    expect(await switched('--to', 'view')).toMatchObject({ code: 0 })
    for (const target of ['item@table', 'item@view']) {
      expect(await project.cli('rebuild', target)).toMatchObject({ code: 0 })
      expect([await answers(), await shownInSql()]).toEqual(['item@view', 'view'])
    }
  })

  it('is passed over where its target is not configured, and status says so', async () => {
    await switched('--to', 'view')
    await project.configure(itemConfig(project.database.url, 'targets: { table: {} }'))
    expect((await project.cli('status')).out).toContain('which is not in this configuration, so item@table serves')
    expect((await switched('--reset')).out).toBe(
      'item: requests without `from` go to item@table, as the configuration says, as before\n',
    )
  })

  it('goes with its target', async () => {
    await switched('--to', 'view')
    expect(await project.cli('target', 'remove', 'item@view', '--yes')).toMatchObject({ code: 0 })
    expect(await answers()).toBe('item@table')
  })

  it('leaves pages that were begun as they are', async () => {
    await project.addItem(2, 'two')
    await project.cli('rebuild', '--all')
    const first = await application.readModel('item').find({ sort: 'id', limit: 1 })
    await switched('--to', 'view')
    const second = await application.readModel('item').find({ sort: 'id', limit: 1, cursor: first.cursor })
    expect(second).toMatchObject({ target: 'item@view', rows: [{ id: 2 }] })
  })
})

describe('a switch is refused', () => {
  const refused = async (...args: string[]) => {
    const { code, err } = await switched(...args)
    expect(code).toBe(1)
    return err
  }

  it('for a read model or a target that is not there, and a timeout that is none', async () => {
    expect((await project.cli('switch', 'itme', '--to', 'view')).err).toMatch(/no read model itme; .*item.*UNKNOWN/)
    expect(await refused('--to', 'search')).toMatch(/item has no target search; .*item@table.*\[TARGET_UNKNOWN\]/)
    expect(await refused('--to', 'view', '--timeout', 'soon')).toContain('write a time span such as "30s"')
  })

  it('where it is so already, or nothing was switched', async () => {
    expect(await refused('--to', 'item@table')).toContain('go to item@table already (by the configuration)')
    expect(await refused('--reset')).toContain('item follows the configuration: nothing was switched')
    await build()
    await switched('--to', 'view')
    expect(await refused('--to', 'view')).toContain('go to item@view already (an operator switched to it)')
  })

  it('to what was never built, or has to be rebuilt before it can answer', async () => {
    expect(await refused('--to', 'view')).toContain('item@view was never built; run `trifold rebuild item@view` first')
    await build()
    await project.write('views/item_v02.sql', 'select id, name, 1 as more from public.items')
    expect(await refused('--to', 'view')).toMatch(
      /item@view cannot answer what item@table answers, because it must be rebuilt first \(definition v02\)/,
    )
  })

  it('to what is detached or has stopped', async () => {
    await build()
    const { pool } = project.database
    await switched('--to', 'view')
    await pool.query(
      `update trifold.consumers set failure = '{"code": "HANDLER_FAILED", "message": "no", "at": "2026-01-01"}'`,
    )
    expect(await refused('--to', 'table')).toMatch(/item@table stopped at a failing event.*\[TARGET_STOPPED\]/)
    expect(await project.cli('target', 'detach', 'item')).toMatchObject({ code: 0 })
    expect(await refused('--reset')).toContain('[TARGET_DETACHED]')
  })

  it('while the old target is being rebuilt, or another switch is under way', async () => {
    await build()
    const client = await project.database.pool.connect()
    const lock = (name: string) => client.query('select pg_advisory_lock(hashtextextended($1, 0))', [`trifold ${name}`])
    try {
      await lock('rebuild item@table')
      expect(await refused('--to', 'view')).toMatch(
        /item@table is being rebuilt by another process now.*\[REBUILD_RUNNING\]/,
      )
      await lock('detach item')
      expect(await refused('--to', 'view')).toContain('[DETACH_RUNNING]')
      await lock('switch item')
      expect(await refused('--to', 'view')).toContain(
        'another process is switching item now; wait for it [SWITCH_RUNNING]',
      )
    } finally {
      client.release(true)
    }
    expect(await answers()).toBe('item@table')
  })
})
