import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { type Night, night } from '../../src/operator/night.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { createProject, itemConfig, type Project } from '../cli/project.ts'

let project: Project
let toolkit: Toolkit

beforeAll(async () => {
  project = await createProject()
  await project.configure(itemConfig(project.database.url))
  expect(await project.cli('rebuild', 'item@view')).toMatchObject({ code: 0 })
  const { pool } = project.database
  await pool.query(
    "update trifold.refreshes set finished_at = now() - interval '9 days', started_at = now() - interval '9 days'",
  )
  toolkit = await openToolkit(
    resolveConfig(
      {
        database: project.database.url,
        events: {},
        readModels: { item: { key: ['id'], targets: { view: { every: '10m' } } } },
      } as never,
      project.folder,
      {},
    ),
  )
})
afterAll(async () => {
  await toolkit?.close()
  await project?.close()
})

interface Past {
  /** Minutes before now at which each ended. */
  at: readonly number[]
  milliseconds?: number
  outcome?: 'refreshed' | 'failed' | 'skipped'
}

/** A past of the view: a schedule since three days ago, and refreshes. */
async function past(
  schedule: { every?: number; lag?: number; paused?: boolean },
  runs: readonly Past[],
): Promise<void> {
  const { pool } = project.database
  const { every = 600_000, lag, paused = false } = schedule
  await pool.query(
    "delete from trifold.refreshes where finished_at > now() - interval '8 days'; delete from trifold.schedules",
  )
  await pool.query(
    `insert into trifold.schedules (target, every_ms, lag_ms, paused, source, updated_at)
    values ('item@view', $1, $2, $3, 'operator', now() - interval '3 days')`,
    [lag === undefined ? every : lag / 2, lag ?? null, paused],
  )
  for (const { at, milliseconds = 1_000, outcome = 'refreshed' } of runs)
    await pool.query(
      `insert into trifold.refreshes (target, cause, mode, outcome, error, code, sqlstate, queued_at, started_at, finished_at)
      select
        'item@view', 'schedule', 'concurrently', $3, case when $3 = 'failed' then 'view: no' end,
        case when $3 = 'failed' then 'REFRESH_FAILED' end, case when $3 = 'failed' then '55P03' end,
        ended - $2 * interval '1 ms', ended - $2 * interval '1 ms', ended
      from unnest($1::float8[]) as minutes
      cross join lateral (select now() - minutes * interval '1 minute' as ended) as run`,
      [at, milliseconds, outcome],
    )
}

/** Every so many minutes, from so many minutes ago to so many. */
const each = (minutes: number, from: number, to = 0): number[] =>
  Array.from({ length: Math.floor((from - to) / minutes) }, (_, place) => to + 0.2 + place * minutes)

const day = 24 * 60
const found = async (since = '12h'): Promise<string[]> => {
  const { targets }: Night = await night(toolkit, { since, timeZone: 'UTC' })
  return targets.flatMap(({ findings }) => findings.map(({ kind, text }) => `${kind}: ${text}`))
}

describe('The night', () => {
  it('has nothing to say if every refresh that was due ran as it usually does', async () => {
    await past({}, [{ at: each(10, 4 * day) }])
    expect(await found()).toEqual([])
  })

  it('counts the refreshes that did not run when they were due', async () => {
    await past({}, [{ at: each(10, 4 * day, 360) }, { at: each(10, 240) }])
    const [text = '', ...others] = await found()
    expect(others).toEqual([])
    const [, missed, due] = /^missed: (\d+) of (\d+) refreshes did not run when they were due$/.exec(text) ?? []
    expect(Number(missed)).toBeGreaterThanOrEqual(10)
    expect(Number(missed)).toBeLessThanOrEqual(13)
    expect(Number(due)).toBeGreaterThanOrEqual(70)
  })

  it('leaves out what was due while a long refresh ran, and counts one that was skipped', async () => {
    await past({}, [{ at: each(10, 4 * day, 360) }, { at: [240], milliseconds: 120 * 60_000 }, { at: each(10, 240) }])
    expect(await found()).toEqual([
      expect.stringMatching(/^slow: a refresh took more than twice the usual 1 s; the longest 2 h$/),
    ])
    await past({}, [{ at: each(10, 4 * day, 360) }, { at: [358], outcome: 'skipped' }, { at: each(10, 340) }])
    expect(await found()).toEqual([expect.stringMatching(/^missed: [12] of/)])
  })

  it('has failures with their code, and refreshes that took twice as long as in the week before', async () => {
    await past({}, [
      { at: each(10, 4 * day) },
      { at: [300, 100], outcome: 'failed' },
      { at: [200, 210, 220], milliseconds: 2_500 },
    ])
    expect(await found()).toEqual([
      'failed: 2 runs failed, the last with: view: no [REFRESH_FAILED, 55P03]',
      'slow: 3 refreshes took more than twice the usual 1 s; the longest 2.5 s',
    ])
  })

  it('has a target lag that was not held, and a schedule that is paused', async () => {
    await past({ lag: 1_200_000 }, [{ at: each(10, 4 * day, 360) }, { at: each(10, 240) }])
    expect(await found()).toEqual([
      expect.stringMatching(/^late: readers saw rows older than the target lag of 20 min for 15\.\d % of the time/),
    ])
    await past({ paused: true }, [{ at: each(10, 4 * day) }])
    expect(await found()).toEqual(['missed: its schedule is paused'])
  })

  it('is text for a mail, with exit code 1 if there is something to look at', async () => {
    const { code, out } = await project.cli('night', '--since', '12h', '--time-zone', 'Europe/Vienna')
    expect(code).toBe(1)
    expect(out).toMatch(/^Trifold, \d{4}-\d\d-\d\d \d\d:\d\d to \d{4}-\d\d-\d\d \d\d:\d\d \(Europe\/Vienna\)\n/)
    expect(out).toMatch(/\n\nitem@view: \w+ now\n {2}now {5}.*\n {2}missed {2}its schedule is paused \(/)
    expect(JSON.parse((await project.cli('night', '--json')).out)).toMatchObject({ ok: false, targets: [{}, {}] })
    expect(await project.cli('night', '--since', 'never')).toMatchObject({
      code: 1,
      err: expect.stringContaining('[HISTORY_INVALID]'),
    })
  })
})
