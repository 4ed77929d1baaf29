import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { refuseServer } from '../../src/database.ts'
import type { Installed } from '../../src/schema/installed.ts'
import { createProject, itemConfig, type Project, runCli } from './project.ts'

let project: Project
beforeEach(async () => {
  project = await createProject()
})
afterEach(() => project.close())

/** The one line on stderr, and proof that nothing was made. */
async function refused(...args: string[]): Promise<string> {
  const { code, out, err } = await project.cli(...args)
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err.trim().split('\n')).toHaveLength(1)
  const { rows } = await project.database.pool.query(
    `select (select count(*) from trifold.generations)::integer as generations, to_regclass('public.item') as name`,
  )
  expect(rows[0]).toEqual({ generations: 0, name: null })
  return err.trim()
}

/** A fault in the rows shows while they are copied: readers see nothing of it. */
async function expectNothingServes(): Promise<void> {
  const { rows } = await project.database.pool.query(
    `select
      (select count(*) from trifold.generations where state = 'serving')::integer as serving,
      to_regclass('public.item') as name`,
  )
  expect(rows[0]).toEqual({ serving: 0, name: null })
}

describe('one line names the part, the thing and the next step', () => {
  const url = () => project.database.url

  it('where the configuration has an unknown key', async () => {
    await project.configure(itemConfig(url(), 'indices: [],'))
    expect(await refused('rebuild', '--outdated')).toMatch(
      /^trifold: config: readModels\.item: .*"indices".*\[CONFIG_INVALID\]$/,
    )
  })

  it('where the configuration is not there', async () => {
    const { code, err } = await runCli(['status', '--config', '/nowhere/trifold.config.ts'])
    expect(code).toBe(1)
    expect(err).toMatch(/^trifold: config: .*\/nowhere\/trifold.config.ts.* --config \[CONFIG_NOT_FOUND\]\n$/)
  })

  it('where the configuration cannot be compiled', async () => {
    await project.configure('export default {')
    expect(await refused('rebuild', '--outdated')).toMatch(
      /^trifold: config: .* cannot be loaded: .*\[CONFIG_INVALID\]$/,
    )
  })

  it('where the configuration exports nothing', async () => {
    await project.configure('export const config = {}')
    expect(await refused('rebuild', '--outdated')).toMatch(/\[CONFIG_INVALID\]$/)
  })

  it('where a definition does not compile', async () => {
    await project.write('views/item_v01.sql', 'select id, nam from public.items')
    expect(await refused('rebuild', 'item@table')).toMatch(
      /^trifold: definition: .*item_v01\.sql does not compile: column "nam" does not exist; correct the SELECT \[DEFINITION_INVALID\]$/,
    )
  })

  it('where a definition is missing', async () => {
    await project.configure(itemConfig(url()).replace('item: {', 'thing: {'))
    expect(await refused('rebuild', 'thing@table')).toMatch(
      /thing has no file thing_v01\.sql .*; write its SELECT there \[DEFINITION_NOT_FOUND\]$/,
    )
  })

  it('where the key is missing from the definition', async () => {
    await project.configure(itemConfig(url(), `key: ['sku'],`))
    expect(await refused('rebuild', 'item@table')).toMatch(
      /has no column sku, which `key` or `notNull` names \(columns: id, name\) \[KEY_INVALID\]$/,
    )
  })

  it.each(['table', 'view'])('where the key of the %s is not unique', async (materializer) => {
    await project.database.pool.query(`insert into public.items values (1, 'twice'), (2, 'twice')`)
    await project.configure(itemConfig(url(), `key: ['name'], targets: { ${materializer}: {} },`))
    const { code, err } = await project.cli('rebuild', `item@${materializer}`)
    expect(code).toBe(1)
    await expectNothingServes()
    expect(err).toMatch(
      /^trifold: definition: the key of .* is not unique \(2 rows\) at name = twice; .*\[KEY_INVALID\]\n$/m,
    )
  })

  it.each(['table', 'view'])('where the key of the %s is null', async (materializer) => {
    await project.write('views/item_v01.sql', `select nullif(id, 1) as id, name from public.items`)
    await project.database.pool.query(`insert into public.items values (1, 'one')`)
    await project.configure(itemConfig(url(), `targets: { ${materializer}: {} },`))
    const { code, err } = await project.cli('rebuild', `item@${materializer}`)
    expect(code).toBe(1)
    await expectNothingServes()
    expect(err).toMatch(/^trifold: definition: .*is null .*; .*\[KEY_INVALID\]\n$/m)
  })

  it('where a column is json', async () => {
    await project.write('views/item_v01.sql', `select id, name, '{}'::json as extra from public.items`)
    expect(await refused('rebuild', 'item@table')).toMatch(
      /types of these columns of .*: extra json \(extra::jsonb\); cast them as shown, or leave them out \[DEFINITION_INVALID\]$/,
    )
  })

  it('where a table has no handlers', async () => {
    await project.configure(itemConfig(url(), 'on: {},'))
    expect(await refused('rebuild', 'item@table')).toMatch(
      /item@table is fed by events but item has no handlers; add `on`.*\[HANDLERS_MISSING\]$/,
    )
  })

  it('where a handler is named after an unknown event', async () => {
    await project.configure(itemConfig(url(), 'on: { ItemGone: () => undefined },'))
    expect(await refused('rebuild', 'item@table')).toMatch(
      /item handles ItemGone, .*known: ItemAdded.*\[HANDLER_UNKNOWN_EVENT\]$/,
    )
  })

  it('where an event has no schema', async () => {
    await project.configure(
      itemConfig(url(), '', 'events: { ItemAdded: {} },').replace(/events: \{ ItemAdded: \{ '~.*\n/, ''),
    )
    expect(await refused('rebuild', '--outdated')).toMatch(
      /events\.ItemAdded: must be a Standard Schema.*\[CONFIG_INVALID\]$/,
    )
  })

  it('where search is configured without an address', async () => {
    const before = process.env.OPENSEARCH_URL
    delete process.env.OPENSEARCH_URL
    try {
      await project.configure(itemConfig(url(), 'targets: { search: {} },'))
      expect(await refused('rebuild', 'item@search')).toMatch(
        /item@search needs OpenSearch; set `search` or OPENSEARCH_URL.*\[SEARCH_NOT_CONFIGURED\]$/,
      )
    } finally {
      if (before !== undefined) process.env.OPENSEARCH_URL = before
    }
  })

  it('where PostgreSQL does not answer, without the password', async () => {
    await project.configure(itemConfig('postgres://me:secret@127.0.0.1:1/shop'))
    const line = await refused('status')
    expect(line).toMatch(
      /^trifold: database: postgres:\/\/me:\*\*\*@127\.0\.0\.1:1\/shop does not answer \(.*\); check DATABASE_URL.*\[DATABASE_UNREACHABLE\]$/,
    )
    expect(line).not.toContain('secret')
  })

  it('where no database is named', async () => {
    const before = process.env.DATABASE_URL
    delete process.env.DATABASE_URL
    try {
      await project.configure(itemConfig(url()).replace(/database: .*,/, ''))
      expect(await refused('rebuild', '--outdated')).toMatch(
        /config: no database is named; set `database` or DATABASE_URL \[CONFIG_INVALID\]$/,
      )
    } finally {
      if (before !== undefined) process.env.DATABASE_URL = before
    }
  })

  it.each([
    ['item@search', 'there is no target item@search (configured: item@table, item@view) [TARGET_UNKNOWN]'],
    ['order@table', 'there is no target order@table (configured: item@table, item@view) [READ_MODEL_UNKNOWN]'],
  ])('where there is no target %s', async (target, text) => {
    for (const command of ['rebuild', 'refresh']) expect(await refused(command, target)).toContain(text)
    expect(await refused('worker', '--only', target)).toContain(text)
    expect(await refused('schedule', 'pause', target)).toContain(text)
  })

  it('where a relation of the application has the serving name', async () => {
    await project.database.pool.query('create table public.item__table (id integer)')
    const { code, err } = await project.cli('rebuild', 'item@table')
    expect(code).toBe(1)
    expect(err).toMatch(/item__table.*\[FACADE_TAKEN\]\n$/)
  })

  it('where a worker with newer handlers has run the target', async () => {
    await project.cli('rebuild', '--outdated')
    await project.database.pool.query('update trifold.consumers set handlers_version = 3')
    const { out } = await project.cli('status')
    expect(out).toContain(
      'it was last run with handlers version 3, this configuration has 1; deploy the newer handlers here',
    )
    const worker = project.start(['worker', '--json', '--only', 'item@table'])
    expect(await worker.whenObserved('target.retrying')).toMatchObject({
      target: 'item@table',
      error: {
        code: 'HANDLERS_OUTDATED',
        message: expect.stringContaining('last run with handlers version 3, this worker has 1'),
      },
    })
    worker.child.kill('SIGTERM')
    expect(await worker.ended).toMatchObject({ code: 0 })
  })
})

describe('a server is refused', () => {
  const good = { version: 180_004, shown: '18.4', standby: false, installed: 'current' as Installed }
  const address = 'postgres://me:secret@db/shop'

  it.each([
    [{ version: 130_020, shown: '13.20' }, 'DATABASE_TOO_OLD', 'runs PostgreSQL 13.20; Trifold needs 14 or newer'],
    [{ standby: true }, 'DATABASE_STANDBY', 'is a standby; point DATABASE_URL at the primary'],
    [{ installed: 'missing' as const }, 'DATABASE_NOT_MIGRATED', 'lacks the schema "trifold"; run `trifold migrate`'],
    [
      { installed: 'outdated' as const },
      'DATABASE_NOT_MIGRATED',
      'has the schema "trifold" of an older version; run `trifold migrate`',
    ],
  ])('for %j', (facts, code, text) => {
    expect(() => refuseServer(address, { ...good, ...facts })).toThrow(
      expect.objectContaining({ code, message: `database: postgres://me:***@db/shop ${text}` }),
    )
  })

  it('and a good one is not', () => {
    expect(() => refuseServer(address, good)).not.toThrow()
  })
})
