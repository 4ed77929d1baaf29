import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { createViewMaterializer } from '../../src/materializers/view.ts'
import { buildNext } from '../../src/rebuild/build-next.ts'
import { setUpViews, type ViewSetup } from '../materializers/view/setup.ts'
import { redisUnavailable, startRedis, type TestRedis } from '../support/redis.ts'
import { jiti } from '../support/source-program.ts'

const program = fileURLToPath(new URL('worker-process.ts', import.meta.url))
const engines = redisUnavailable() === '' ? (['postgresql', 'redis'] as const) : (['postgresql'] as const)

/** A definition that takes a second. */
const slow = `with nap as materialized (select pg_sleep(1))
  select id as order_id from public.orders cross join nap`

describe.each(engines)('on %s', (engine) => {
  let setup: ViewSetup | undefined
  let redis: TestRedis | undefined
  let workers: ChildProcess[] = []

  afterEach(async () => {
    await Promise.all(workers.map(end))
    workers = []
    await setup?.close()
    await redis?.close()
    setup = redis = undefined
  })

  test('two processes with an interval of 200 ms never refresh a slow view at the same time', async () => {
    const { pool } = await begin()
    await expect.poll(() => refreshes('refreshed'), { interval: 100 }).toBeGreaterThanOrEqual(3)
    const { rows } = await pool.query(
      `select
        count(*) filter (where earlier.finished_at > later.started_at)::text as overlaps,
        (select count(*) from trifold.refreshes where outcome = 'failed')::text as failed
      from trifold.refreshes as earlier
      join trifold.refreshes as later on later.id > earlier.id
      where earlier.outcome = 'refreshed' and later.outcome = 'refreshed' and later.cause = 'schedule'`,
    )
    expect(rows).toEqual([{ overlaps: '0', failed: '0' }])
    expect(await refreshes('skipped')).toBe(0) // the queue alone kept them apart
  })

  test('a worker that is killed in the middle of a refresh is replaced by the other', async () => {
    await begin()
    await expect.poll(() => refreshes('refreshed'), { interval: 50 }).toBeGreaterThanOrEqual(2)
    await end(workers.shift() as ChildProcess)
    const before = await refreshes('refreshed')
    await expect.poll(() => refreshes('refreshed'), { interval: 200 }).toBeGreaterThanOrEqual(before + 3)
  })

  async function begin(): Promise<ViewSetup> {
    setup = await setUpViews()
    redis = engine === 'redis' ? await startRedis() : undefined
    await setup.pool.query('insert into orders (id) select generate_series(1, 10)')
    const context = await setup.define(slow)
    await buildNext(createViewMaterializer(context), { reason: 'first' })
    const args = [setup.url, redis?.url ?? '', dirname(context.definition.file), '200ms']
    workers = [1, 2].map(() =>
      spawn(process.execPath, [jiti, program, ...args], {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      }),
    )
    await Promise.all(workers.map((worker) => once(worker, 'message')))
    return setup
  }

  async function refreshes(outcome: string): Promise<number> {
    const { rows } = await (setup as ViewSetup).pool.query(
      `select count(*) from trifold.refreshes where outcome = $1 and cause = 'schedule'`,
      [outcome],
    )
    return Number(rows[0].count)
  }
})

async function end(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return
  const ended = once(worker, 'exit')
  worker.kill('SIGKILL')
  await ended
}
