import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TrifoldConfig } from '../../src/config.ts'
import { openTrifold, startWorker } from '../../src/trifold.ts'
import { createProject, type Project } from '../cli/project.ts'
import { Observed } from '../support/observed.ts'
import { until } from '../support/until.ts'

/** Three read models: `item` is whole, `renamed` has a definition whose column was renamed, `unkeyed` has a bad key. */
const configuration = (databaseUrl: string) => `
  const set = (row) => ({ kind: 'set', row })
  const anything = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } }
  const on = { ItemAdded: (event) => set(event) }
  export default {
    database: ${JSON.stringify(databaseUrl)},
    events: { ItemAdded: anything },
    readModels: {
      renamed: { key: ['id'], targets: { table: {}, view: {} }, on },
      item: { key: ['id'], targets: { table: {}, search: {} }, on },
      unkeyed: { key: ['number'], targets: { view: {} } },
    },
  }`

const configurationOf = async ({ folder }: Project): Promise<TrifoldConfig> => ({
  ...(await import(`${folder}/trifold.config.2.mjs`)).default,
  root: folder,
})

describe('a read model that is broken', () => {
  let project: Project
  let openSearch: string | undefined
  beforeAll(async () => {
    openSearch = process.env.OPENSEARCH_URL
    delete process.env.OPENSEARCH_URL
    project = await createProject()
    await project.write('views/renamed_v01.sql', 'select id, title from public.items')
    await project.write('views/unkeyed_v01.sql', 'select id, name from public.items')
    await project.configure(configuration(project.database.url))
  })
  afterAll(async () => {
    if (openSearch) process.env.OPENSEARCH_URL = openSearch
    await project.close()
  })

  /** The definition stands on the column by then: what was built of it goes too. */
  const removeTitle = () => project.database.pool.query('alter table public.items drop column title cascade')
  const look = async () => {
    const { code, out } = await project.cli('status', '--json')
    const { targets } = JSON.parse(out) as { targets: Record<string, string>[] }
    return { code, targets: Object.fromEntries(targets.map((one) => [one.target, one])) }
  }

  it('is passed over by a rebuild of all, which names it and ends with 1', async () => {
    const dry = await project.cli('rebuild', '--outdated', '--dry-run')
    expect(dry.code).toBe(1)
    expect(dry.out).toContain('renamed@table: cannot be rebuilt: definition: ')
    expect(dry.out).toContain('item@table: would be rebuilt')
    const { code, out, err } = await project.cli('rebuild', '--outdated')
    expect(code).toBe(1)
    expect(out).toContain('item@table: generation 1 serves')
    expect(err).toMatch(
      /renamed@view: definition: .*column "title" does not exist; correct the SELECT \[DEFINITION_INVALID\]/,
    )
    expect(err).toMatch(/item@search: .*set `search` or OPENSEARCH_URL.* \[SEARCH_NOT_CONFIGURED\]/)
    expect(err).toMatch(/unkeyed@view: .* has no column number.* \[KEY_INVALID\]/)
  })

  it('is red alone, with the reason', async () => {
    const { code, targets } = await look()
    expect(code).toBe(1)
    const broken = { state: 'broken', verdict: 'red' }
    const reason = (text: string) => ({ ...broken, reason: expect.stringContaining(text) })
    expect(targets).toMatchObject({
      'renamed@table': reason('column "title" does not exist'),
      'renamed@view': reason('column "title" does not exist'),
      'item@table': { verdict: 'yellow', lag: 0 },
      'item@search': reason('item@search needs OpenSearch'),
      'unkeyed@view': reason('has no column number'),
    })
    const { out } = await project.cli('doctor')
    expect(out).toContain('column "title" does not exist')
    expect(out).toContain('has no column number')
    expect(out).toContain('item@search is configured, but no address of OpenSearch is known')
  })

  it('is left out by a worker until it is mended, while the others run', async () => {
    const trifold = await openTrifold(await configurationOf(project))
    const observed = new Observed()
    const worker = await startWorker(trifold, { observe: observed.observe, targets: ['renamed@table', 'item@table'] })
    try {
      const [stopped] = await observed.when('target.stopped')
      expect(stopped).toMatchObject({ target: 'renamed@table', error: { code: 'DEFINITION_INVALID' } })
      await project.addItem(1, 'first')
      await until('the event is applied', async () => (await trifold.readModel('item').find()).rows.length === 1)
      await project.database.pool.query('alter table public.items add column title text')
      await until('the mended one is taken up', () => observed.of('target.leased').length === 2)
      expect(observed.of('target.leased').map(({ target }) => target)).toEqual(['item@table', 'renamed@table'])
      expect(observed.of('target.stopped')).toHaveLength(1)
    } finally {
      await worker.stop()
      await trifold.close()
      await removeTitle()
    }
  })

  it('fails its own reads and not those of others, and opens at the first read once it is mended', async () => {
    const trifold = await openTrifold(await configurationOf(project))
    try {
      await expect(trifold.readModel('renamed').find({ from: 'view' })).rejects.toMatchObject({
        code: 'DEFINITION_INVALID',
      })
      await expect(trifold.readModel('item').find({ from: 'search' })).rejects.toMatchObject({
        code: 'SEARCH_NOT_CONFIGURED',
      })
      expect((await trifold.readModel('item').find()).rows).toHaveLength(1)
      await project.database.pool.query('alter table public.items add column title text')
      await trifold.admin.rebuild('renamed@view')
      expect((await trifold.readModel('renamed').find({ from: 'view' })).rows).toEqual([{ id: 1, title: null }])
    } finally {
      await trifold.close()
    }
  })
})
