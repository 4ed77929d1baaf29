import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { history } from '../../src/operator/history.ts'
import { openToolkit } from '../../src/toolkit.ts'
import { until } from '../support/until.ts'
import { createProject, itemConfig, type Project, type Started } from './project.ts'

let project: Project
let worker: Started

const handlers = `keysOf: () => [],
  on: { ItemAdded: (event) => { if (event.name === 'bad') throw new Error('no'); return set(event) } },`

beforeAll(async () => {
  project = await createProject()
  await project.configure(itemConfig(project.database.url, handlers))
  worker = project.start(['worker', '--json'])
  await worker.whenObserved('target.leased')
  for (const id of [1, 2, 3]) await project.addItem(id, 'good')
  await project.addItem(4, 'bad')
  await worker.whenObserved('event.parked')
  await until('the item is shown', async () => {
    const { rows } = await project.database.pool.query('select from public.item__table')
    return rows.length >= 3
  })
  await until('the view is built', async () => (await project.cli('refresh', 'item@view')).code === 0)
  worker.child.kill('SIGTERM')
  await worker.ended
  await project.cli('parked', 'retry', '1')
})
afterAll(async () => {
  worker?.child.kill('SIGKILL')
  await project?.close()
})

const found = async (...args: string[]) => JSON.parse((await project.cli('history', ...args, '--json')).out)

describe('`trifold history`', () => {
  it('has the rebuilds and refreshes of every target, with their rows and their worker', async () => {
    const { targets } = await found()
    expect(targets.map(({ target }: { target: string }) => target)).toEqual(['item@table', 'item@view'])
    const [table, view] = targets
    expect(table.sums).toMatchObject({ rebuilt: 1, refreshed: 0, failed: 0 })
    expect(table.runs.at(-1)).toMatchObject({ cause: 'rebuild', mode: 'copy', outcome: 'refreshed', generation: 1 })
    expect(view.sums).toMatchObject({ rebuilt: 1, refreshed: 1, failed: 0, skipped: 0 })
    expect(view.runs[0]).toMatchObject({ cause: 'manual', mode: 'concurrently', rows: 4, attempt: 1, error: null })
    expect(view.runs[0].worker).toMatch(/:\d+$/)
  })

  it('has the lag and the events that a worker has seen', async () => {
    const [table] = (await found('item@table')).targets
    expect(table.parts).toHaveLength(60)
    const sum = (what: string) =>
      table.parts.reduce((all: number, part: Record<string, number>) => all + part[what]!, 0)
    expect(sum('events')).toBeGreaterThanOrEqual(3)
    expect(table.parts.some(({ lag }: { lag: number | null }) => lag !== null)).toBe(true)
  })

  it('has a line of sums, plots, and a line for each run', async () => {
    const { out } = await project.cli('history', 'item@view', '--since', '1h', '--time-zone', 'Asia/Tokyo')
    expect(out).toMatch(
      /^item@view, since [\d-]+ [\d:]+ \(Asia\/Tokyo\): 1 refreshed, 1 rebuilt; a refresh took .*WAL\n/,
    )
    expect(out).toMatch(/\n {2}took {3}[ ▁▂▃▄▅▆▇█]{60} at most /)
    expect(out).toMatch(/\n[\d-]+ [\d:]+ {2}manual +\d/)
    expect(out).toMatch(/\n[\d-]+ [\d:]+ {2}rebuild +\d/)
  })

  it('leaves out what ended before the period, and all but the last runs', async () => {
    await project.database.pool.query(
      `insert into trifold.refreshes (target, cause, mode, outcome, error, code, sqlstate, started_at, finished_at)
      select 'item@view', 'schedule', 'concurrently', 'failed', 'too late', 'REFRESH_FAILED', '57014', at, at
      from (select now() - interval '30 hours' as at) as old`,
    )
    const [view] = (await found('item@view', '--limit', '1')).targets
    expect(view.runs).toHaveLength(1)
    expect(view.sums.failed).toBe(0)
    const { out } = await project.cli('history', 'item@view', '--since', '48h')
    expect(out).toContain('too late [REFRESH_FAILED, 57014]')
    expect((await found('item@view', '--since', '48h')).targets[0].runs.at(-1)).toMatchObject({
      error: { code: 'REFRESH_FAILED', sqlState: '57014', message: 'too late' },
      walBytes: null,
      lockWait: null,
    })
  })

  it('says that nothing is known of a target without runs', async () => {
    await project.database.pool.query(`delete from trifold.refreshes where target = 'item@table'`)
    const { out } = await project.cli('history', 'item@table')
    expect(out).toContain('no refresh, rebuild or recompute')
  })

  it.each([
    [['--since', 'last week'], '"last week" is no time; write "24h"', 1],
    [['--since', '2999-01-01'], 'is not in the past', 1],
    [['--time-zone', 'Mars/Olympus'], 'the time zone "Mars/Olympus" is unknown', 1],
    [['--limit', '0'], 'the limit 0 is none', 1],
    [['--limit', 'all'], 'write a whole number', 2],
    [['item@nowhere'], 'TARGET_UNKNOWN', 1],
  ])('refuses %s', async (args, message, code) => {
    const refused = await project.cli('history', ...args)
    expect(refused.err).toContain(message)
    expect(refused.code).toBe(code)
  })

  it('takes a date of the library', async () => {
    const toolkit = await openToolkit(resolveConfig(itemConfigOf(project)))
    try {
      const { since } = await history(toolkit, ['item'], { since: new Date('2026-01-01T00:00:00Z') })
      expect(since).toBe('2026-01-01T00:00:00.000Z')
      await expect(history(toolkit, [], { since: new Date(Number.NaN) })).rejects.toMatchObject({
        code: 'HISTORY_INVALID',
      })
    } finally {
      await toolkit.close()
    }
  })
})

const itemConfigOf = ({ database, folder }: Project) => ({
  root: folder,
  database: database.url,
  readModels: { item: { key: ['id'], targets: { view: {} } } },
})
