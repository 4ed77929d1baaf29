import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { resolveConfig } from '../../../src/config.ts'
import { rebuild } from '../../../src/operator/rebuild.ts'
import { refresh } from '../../../src/operator/refresh.ts'
import { priceSchedule, tuneSchedule } from '../../../src/operator/schedules.ts'
import { openToolkit, type Toolkit } from '../../../src/toolkit.ts'
import { createProject, type Project } from '../../cli/project.ts'

const target = 'item@view'
const rowCount = 2_000

let project: Project
let toolkit: Toolkit

const open = (more: object = {}) =>
  openToolkit(
    resolveConfig(
      {
        root: project.folder,
        database: project.database.url,
        readModels: { item: { key: ['id'], targets: { view: {} } } },
        ...more,
      },
      undefined,
      {},
    ),
  )

beforeAll(async () => {
  project = await createProject()
  await project.database.pool.query(
    `insert into public.items select n, 'item ' || n from generate_series(1, ${rowCount}) as n`,
  )
  toolkit = await open()
  await rebuild(toolkit, target)
})
afterAll(async () => {
  await toolkit?.close()
  await project?.close()
})

const query = (text: string, values: unknown[] = []) => project.database.pool.query(text, values)

/** Changes items at random, by an order that the seed gives: the same one may be drawn twice. */
const change = (draws: number, seed: number) =>
  query(
    `update public.items set name = name || '.'
    where id in (select 1 + abs(hashint8extended(n, $2)) % ${rowCount} from generate_series(1, $1::bigint) as n)`,
    [draws, seed],
  )

/** As if the refreshes had been ten seconds apart. */
const tenSecondsApart = () =>
  query(
    `update trifold.refreshes as run
    set started_at = began, finished_at = began + (finished_at - started_at), queued_at = began
    from (
      select id, now() - row_number() over (order by started_at desc) * interval '10 s' as began from trifold.refreshes
    ) as placed
    where placed.id = run.id`,
  )

describe('the price of a schedule', () => {
  beforeAll(async () => {
    for (let round = 1; round <= 6; round++) {
      await change(400, round)
      await refresh(toolkit, target)
    }
    await tenSecondsApart()
  })

  it('is how often it comes times what the refreshes took', async () => {
    const { rows } = await query(
      `select avg(extract(epoch from finished_at - started_at)) as took from trifold.refreshes where cause = 'manual'`,
    )
    const { costs, refreshes, milliseconds } = await priceSchedule(toolkit, target, { every: '30s' })
    expect(refreshes).toBe(6)
    expect(milliseconds).toBeCloseTo(1_000 * Number(rows[0].took), 3)
    expect(costs?.refreshesPerHour).toBe(120)
    expect(costs?.secondsPerHour).toBeCloseTo(120 * Number(rows[0].took), 6)
    expect(costs?.secondsPerDay).toBeCloseTo(24 * 120 * Number(rows[0].took), 6)
    expect(costs?.share).toBeCloseTo(Number(rows[0].took) / 30, 9)
  })

  it('counts the times of a pattern, also on some days of the week only', async () => {
    const perHour = async (cron: string) => (await priceSchedule(toolkit, target, { cron })).costs?.refreshesPerHour
    expect(await perHour('*/5 * * * * *')).toBe(720)
    expect(await perHour('*/15 8-17 * * *')).toBeCloseTo(40 / 24, 6)
    expect(await perHour('0 6 * * 1-5')).toBeCloseTo(5 / 7 / 24, 3)
    expect((await priceSchedule(toolkit, target, { cron: '0,10 6 * * *' })).costs?.interval).toBe(600_000)
  })

  it('takes a lag for as many refreshes as hold it', async () => {
    const { costs } = await priceSchedule(toolkit, target, { lag: '1h' })
    expect(costs?.refreshesPerHour).toBeGreaterThan(1)
    expect(costs?.refreshesPerHour).toBeLessThan(1.1)
  })

  it('foresees the rows that a refresh writes after another interval, within 15 % of what it then does', async () => {
    for (const [every, draws] of [
      ['5s', 200],
      ['20s', 800],
      ['60s', 2_400],
    ] as const) {
      const { costs } = await priceSchedule(toolkit, target, { every })
      await change(draws, draws)
      await refresh(toolkit, target)
      const { rows } = await query(
        `delete from trifold.refreshes where id = (select max(id) from trifold.refreshes)
        returning rows_inserted + rows_deleted as written`,
      )
      const foreseen = Number(costs?.rowsWrittenPerHour) / Number(costs?.refreshesPerHour)
      expect.soft(Math.abs(foreseen / Number(rows[0].written) - 1), `every ${every}`).toBeLessThan(0.15)
    }
  })

  it('has the log where the server counts it, and says that it is unknown elsewhere', async () => {
    const { rows } = await query(`select current_setting('server_version_num')::integer >= 180000 as counts`)
    const { costs } = await priceSchedule(toolkit, target, { every: '10s' })
    if (rows[0].counts) expect(costs?.walBytesPerDay).toBeGreaterThan(0)
    else expect(costs?.walBytesPerDay).toBeUndefined()
    await query('update trifold.refreshes set wal_bytes = null')
    expect((await priceSchedule(toolkit, target, { every: '10s' })).costs?.walBytesPerDay).toBeUndefined()
  })
})

describe('the alternative', () => {
  const remember = (took: string, written: number) =>
    query(
      `insert into trifold.refreshes
        (target, cause, mode, outcome, row_count, rows_inserted, rows_deleted, started_at, finished_at)
      select $1, 'schedule', 'concurrently', 'refreshed', 100000, $3::bigint, $3::bigint, at, at + $2::interval
      from generate_series(now() - interval '5 min', now() - interval '15 s', interval '15 s') as at`,
      [target, took, written],
    )
  beforeEach(() => query('delete from trifold.refreshes'))

  it('is none while a refresh takes a small part of its interval', async () => {
    await remember('1 s', 10)
    expect((await priceSchedule(toolkit, target, { every: '1m' })).alternative).toBe(
      'none is needed: a refresh takes 2 % of its interval',
    )
  })

  it('is a table if few rows change, with the rows that either way writes and compares', async () => {
    await remember('5 s', 10)
    expect((await priceSchedule(toolkit, target, { every: '15s' })).alternative).toBe(
      'a table, or an index for search, fed by events writes what changes, about 4,800 rows an hour; ' +
        'these refreshes compare 24,000,000 for it, in 20 min of database time an hour',
    )
  })

  it('is a longer interval if many rows change', async () => {
    await remember('5 s', 50_000)
    expect((await priceSchedule(toolkit, target, { every: '15s' })).alternative).toBe(
      'a refresh every 50 s takes 6 min of database time an hour instead of 20 min',
    )
  })

  it('is a sibling that has the same rows fresher', async () => {
    const both = await open({
      readModels: { item: { key: ['id'], keysOf: () => [], on: {}, targets: { view: {}, search: {} } } },
      search: { url: 'http://127.0.0.1:9' },
    })
    try {
      await remember('5 s', 10)
      await query(
        `insert into trifold.minutes (minute, target, lag_ms) values (date_trunc('minute', now()), 'item@search', 120)`,
      )
      expect((await priceSchedule(both, target, { every: '15s' })).alternative).toBe(
        'item@search has the same rows 120 ms old (the middle of the last day), so reads of it spare 20 min of database time an hour',
      )
    } finally {
      await both.close()
    }
  })
})

describe('how long a schedule holds', () => {
  /** Thirty days of a refresh each hour, whose durations and rows double in that time. */
  beforeEach(async () => {
    await query('delete from trifold.refreshes')
    await query(
      `insert into trifold.refreshes (target, cause, mode, outcome, row_count, started_at, finished_at)
      select $1, 'schedule', 'concurrently', 'refreshed', 1000 * times, at, at + times * interval '1 s'
      from generate_series(now() - interval '30 days', now(), interval '1 hour') as at
      cross join lateral (select 2 - extract(epoch from now() - at) / 86400 / 30 as times) as grown`,
      [target],
    )
  })

  const inDays = async (days: number) => {
    const { rows } = await query(
      `select to_char(now() at time zone 'utc' + $1 * interval '1 day', 'yyyy-mm-dd') as day`,
      [days],
    )
    return rows[0].day
  }

  it('is told by its day, with an interval of confidence', async () => {
    const { fits, missing } = await priceSchedule(toolkit, target, { every: '3s' })
    expect(missing).toEqual([])
    expect(fits?.kind).toBe('linear')
    expect(fits?.growthPerDay).toBeCloseTo(1 / 60, 3)
    expect([await inDays(29), await inDays(30), await inDays(31)]).toContain(fits?.day)
    expect(fits!.earliest! <= fits!.day! && fits!.day! <= fits!.latest!).toBe(true)
  })

  it('is half of a target lag', async () => {
    const [lag, every] = [
      await priceSchedule(toolkit, target, { lag: '6s' }),
      await priceSchedule(toolkit, target, { every: '3s' }),
    ]
    expect(lag.fits?.day).toBe(every.fits?.day)
  })

  it('is today if it does not hold now, and unknown with two days of history', async () => {
    expect((await priceSchedule(toolkit, target, { every: '1s' })).fits?.day).toBe(await inDays(0))
    await query(`delete from trifold.refreshes where started_at < date_trunc('day', now()) - interval '23 hours'`)
    const { fits, missing, costs } = await priceSchedule(toolkit, target, { every: '3s' })
    expect(fits).toBeUndefined()
    expect(costs).toBeDefined()
    expect(missing).toEqual([
      expect.stringMatching(/^the forecast needs refreshes at the same hours of 1 more day \(2 so far/),
    ])
  })
})

describe('what cannot be priced', () => {
  beforeEach(() => query('delete from trifold.refreshes'))

  it('says how much history it needs', async () => {
    const { costs, missing, refreshes } = await priceSchedule(toolkit, target, { lag: '5s' })
    expect({ costs, refreshes }).toEqual({ costs: undefined, refreshes: 0 })
    expect(missing[0]).toBe('the costs need 3 more refreshes')
  })

  it.each([
    [{}, 'has none; name an interval, a lag or a pattern'],
    [{ cron: '0 0 30 2 *' }, 'which never comes'],
    [{ cron: '0 0 * * *', timeZone: 'Mars/Base' }, 'the unknown time zone "Mars/Base"'],
  ])('refuses %j', async (timing, message) => {
    await expect(priceSchedule(toolkit, target, timing)).rejects.toThrow(message)
  })

  it('takes a change while Redis is away, and says when workers follow it', async () => {
    const away = await open({ redis: 'redis://127.0.0.1:9' })
    try {
      const { warning } = await tuneSchedule(away, target, { every: '1m' })
      expect(warning).toMatch(
        /Redis at redis:\/\/127\.0\.0\.1:9.* does not answer .*; workers follow it once Redis is back|workers follow it once Redis is back$/,
      )
      const { rows } = await query('select every_ms::integer as every from trifold.schedules')
      expect(rows).toEqual([{ every: 60_000 }])
    } finally {
      await away.close()
    }
  })

  it('says so if PostgreSQL is away', async () => {
    const { port } = new URL(project.database.url)
    await project.configure(
      `export default { database: '${project.database.url.replace(`:${port}/`, ':9/')}', readModels: { item: { key: ['id'], targets: { view: {} } } } }`,
    )
    const { code, err } = await project.cli('schedule', 'tune', target, '--lag', '5s', '--dry-run')
    expect(code).toBe(1)
    expect(err).toContain('[DATABASE_UNREACHABLE]')
  })
})
