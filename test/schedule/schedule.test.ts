import type pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openPool } from '../../src/database.ts'
import type { Refreshed } from '../../src/materializer.ts'
import { type Schedule, type ScheduledTarget, type ScheduleOptions, startSchedule, tune } from '../../src/schedule.ts'
import type { Timing } from '../../src/timing.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { freePort } from '../support/free-port.ts'
import { Observed } from '../support/observed.ts'
import { redisUnavailable, startRedis, type TestRedis } from '../support/redis.ts'
import { onPostgres, onRedis, type Queue } from './engines.ts'

const target = 'order_summary@view'
const often: Timing = { kind: 'every', ms: 200 }
const everyHour: Timing = { kind: 'every', ms: 3_600_000 }
const unavailable = { postgresql: '', redis: redisUnavailable() }
const engines = (['postgresql', 'redis'] as const).filter((engine) => unavailable[engine] === '')

describe.each(engines)('on %s', (engine) => {
  let database: TestDatabase
  let pool: pg.Pool
  let redis: TestRedis | undefined
  let queue: Queue & { close?(): void }
  let observed: Observed
  let opened: Schedule[]

  beforeAll(async () => {
    database = await createDatabase()
    pool = openPool(database.url, { name: 'test' })
    redis = engine === 'redis' ? await startRedis() : undefined
    queue = redis ? onRedis(redis) : onPostgres(pool)
  })

  afterAll(async () => {
    await pool.end()
    queue.close?.()
    await redis?.close()
    await database.close()
  })

  beforeEach(() => {
    observed = new Observed()
    opened = []
  })

  afterEach(async () => {
    await Promise.all(opened.map((schedule) => schedule.close()))
    await pool.query('delete from trifold.schedules')
    await queue.flush()
  })

  async function start(targets: ScheduledTarget[], options: Partial<ScheduleOptions> = {}): Promise<Schedule> {
    const schedule = await startSchedule({
      config: { database: database.url, redis: queue.redis },
      targets,
      observe: observed.observe,
      ...options,
    })
    opened.push(schedule)
    return schedule
  }

  test('a target is refreshed again and again at its interval', async () => {
    const counted = counter(often)
    const schedule = await start([counted])
    expect(schedule.status()).toMatchObject({ engine, problem: undefined })
    await reaches(counted, 3)
    expect(observed.of('refresh.finished').at(-1)).toEqual({ kind: 'refresh.finished', target, ms: 5, rows: 7 })
  })

  test('a target is refreshed again and again for its lag, and an interval follows when it is tuned', async () => {
    const counted = counter({ kind: 'lag', ms: 400 })
    const schedule = await start([counted])
    await reaches(counted, 3)
    await tune(pool, target, { timing: everyHour })
    await schedule.reconcile()
    expect(await queue.armed()).toEqual([target])
    await tune(pool, target, { timing: { kind: 'lag', ms: 300 } })
    await schedule.reconcile()
    await reaches(counted, counted.times + 3)
  })

  test('a target is refreshed by a cron pattern', async () => {
    const counted = counter({ kind: 'cron', pattern: '* * * * * *', timeZone: 'Europe/Berlin' })
    await start([counted])
    await reaches(counted, 2)
  })

  test('a refresh that fails does not stop the schedule', async () => {
    const counted = counter(often, async () => {
      throw new Error('broken')
    })
    await start([counted])
    await reaches(counted, 3)
    expect(observed.of('refresh.failed')[0]).toMatchObject({ target, error: { code: 'UNEXPECTED', message: 'broken' } })
  })

  test('a flushed queue is armed again at the next reconciliation', async () => {
    const counted = counter(often)
    const schedule = await start([counted])
    await reaches(counted, 1)
    await queue.flush()
    await schedule.reconcile()
    await reaches(counted, counted.times + 2)
  })

  test.each([
    ['an interval', everyHour],
    ['a pattern', { kind: 'cron', pattern: '0 3 * * *', timeZone: 'UTC' }],
  ] as const)('%s whose armed job was deleted is armed again, by the loop itself', async (_, timing) => {
    const counted = counter(timing)
    await start([counted], { reconcileEvery: '100ms' })
    expect(await queue.armed()).toEqual([target])
    await queue.deleteArmedJob(target)
    await expect.poll(() => queue.armed(), { interval: 50 }).toEqual([target])
  })

  test('a deduplication that a deleted refresh left behind is removed', async () => {
    const counted = counter(often)
    const schedule = await start([counted])
    await queue.leaveDeduplication(target)
    await schedule.reconcile()
    await reaches(counted, counted.times + 2)
  })

  const emptied = async () => {
    const port = await freePort()
    let own = await startRedis(port)
    const counted = counter(often)
    const config = { database: database.url, redis: own.url }
    const schedule = await start([counted], { config, reconcileEvery: '300ms' })
    await reaches(counted, 2)
    await own.close()
    own = await startRedis(port)
    await reaches(counted, counted.times + 2)
    await expect.poll(() => schedule.status().problem).toBeUndefined()
    await schedule.close()
    await own.close()
  }
  // A given Redis is not ours to end.
  if (engine === 'redis') test.skipIf(process.env.REDIS_URL)('an empty Redis in its place is armed again', emptied)

  test('reconciling again and again leaves a schedule as it is', async () => {
    const counted = counter({ kind: 'cron', pattern: '*/1 * * * * *', timeZone: 'UTC' })
    const began = performance.now()
    const schedule = await start([counted])
    while (counted.times < 3) await schedule.reconcile()
    const seconds = (performance.now() - began) / 1_000
    expect(counted.times).toBeLessThanOrEqual(seconds + 1)
  })

  test("an operator's interval, pause and resumption are followed", async () => {
    const counted = counter(everyHour)
    const schedule = await start([counted])
    await tune(pool, target, { timing: often })
    await schedule.reconcile()
    await reaches(counted, 2)
    await tune(pool, target, { paused: true })
    await schedule.reconcile()
    expect(await queue.armed()).toEqual([])
    await tune(pool, target, { paused: false })
    await schedule.reconcile()
    await reaches(counted, counted.times + 2)
  })

  test('a tick whose row is gone is removed', async () => {
    const first = await start([counter(everyHour, undefined, 'other@view')])
    await first.close()
    const second = await start([counter(everyHour)])
    expect(await queue.armed()).toEqual([target, 'other@view'])
    await pool.query(`delete from trifold.schedules where target = 'other@view'`)
    await second.reconcile()
    expect(await queue.armed()).toEqual([target])
  })

  test('a target that nobody runs is not ticked for ever', async () => {
    const other = counter(often, undefined, 'other@view')
    const first = await start([other])
    await reaches(other, 1)
    await first.close()
    await start([counter(everyHour)])
    await expect.poll(() => observed.of('schedule.removed'), { interval: 50 }).toHaveLength(1)
    expect(observed.of('schedule.removed')[0]).toMatchObject({ target: 'other@view' })
    expect(await queue.armed()).toEqual([target])
  })

  test('processes that run different targets leave their jobs to each other', async () => {
    const [counted, other] = [counter(often), counter(often, undefined, 'other@view')]
    await start([counted], { reconcileEvery: '1h' })
    await start([other], { reconcileEvery: '1h' })
    await reaches(counted, 5)
    await reaches(other, 5)
  })

  test('closing waits for the refresh that runs', async () => {
    let open = () => {}
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    const counted = counter(often, () => gate)
    const schedule = await start([counted])
    await reaches(counted, 1)
    let isClosed = false
    const closing = schedule.close().then(() => {
      isClosed = true
    })
    expect(schedule.close()).toBeInstanceOf(Promise)
    await pool.query('select 1')
    expect(isClosed).toBe(false)
    open()
    await closing
    expect(observed.of('refresh.finished')).toHaveLength(1)
    expect(counted.times).toBe(1)
  })

  test('closing cancels a refresh that takes too long', async () => {
    const counted = counter(often, (signal) => untilAborted(signal))
    const schedule = await start([counted], { closeTimeout: '100ms' })
    await reaches(counted, 1)
    await schedule.close()
    expect(observed.of('refresh.failed')).toMatchObject([{ error: { message: 'the schedule is closing' } }])
  })

  test('a signal closes the schedule', async () => {
    const stop = new AbortController()
    const counted = counter(often)
    const schedule = await start([counted], { signal: stop.signal })
    await reaches(counted, 1)
    stop.abort()
    await schedule.close()
    const before = counted.times
    await start([counter(everyHour)])
    expect(counted.times).toBe(before)
  })
})

test('a Redis that does not answer is an error at the start', async () => {
  const database = await createDatabase()
  try {
    const config = { database: database.url, redis: 'redis://:secret@127.0.0.1:1' }
    await expect(startSchedule({ config, targets: [] })).rejects.toMatchObject({
      code: 'REDIS_UNREACHABLE',
      message: expect.not.stringContaining('secret'),
    })
  } finally {
    await database.close()
  }
})

type Counter = ScheduledTarget & { times: number }

function counter(
  timing: Timing,
  work: (signal: AbortSignal) => Promise<void> = async () => {},
  name = target,
): Counter {
  const counted: Counter = {
    timing,
    target: name,
    times: 0,
    async refresh(signal): Promise<Refreshed> {
      counted.times += 1
      await work(signal)
      return { outcome: 'refreshed', milliseconds: 5, snapshot: undefined, rows: 7 }
    },
  }
  return counted
}

const reaches = (counted: Counter, times: number) =>
  expect.poll(() => counted.times, { interval: 20 }).toBeGreaterThanOrEqual(times)

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
