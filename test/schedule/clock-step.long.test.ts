import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { createViewMaterializer } from '../../src/materializers/view.ts'
import { rebuildTarget } from '../../src/rebuild.ts'
import { setUpViews, type ViewSetup } from '../materializers/view/setup.ts'
import { redisUnavailable, startRedis, type TestRedis } from '../support/redis.ts'
import { jiti } from '../support/source-program.ts'

const program = fileURLToPath(new URL('worker-process.ts', import.meta.url))
const engines = redisUnavailable() === '' ? (['postgresql', 'redis'] as const) : (['postgresql'] as const)
const hour = 3_600_000

describe.each(engines)('on %s', (engine) => {
  let setup: ViewSetup | undefined
  let redis: TestRedis | undefined
  let worker: ChildProcess | undefined

  afterEach(async () => {
    if (worker?.exitCode === null) {
      const ended = once(worker, 'exit')
      worker.kill('SIGKILL')
      await ended
    }
    await setup?.close()
    await redis?.close()
    setup = redis = worker = undefined
  })

  test('refreshes go on while the clock of the machine is an hour off, and after it was put right', async () => {
    setup = await setUpViews()
    redis = engine === 'redis' ? await startRedis() : undefined
    await setup.pool.query('insert into orders (id) select generate_series(1, 10)')
    const context = await setup.define('select id as order_id from public.orders')
    await rebuildTarget(createViewMaterializer(context), 'first')
    const args = [setup.url, redis?.url ?? '', dirname(context.definition.file), '300ms']
    worker = fork(jiti, [program, ...args], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    await refreshedTimes(3)
    for (const step of [-hour, 0, hour, 0, -hour, 0]) {
      worker.send(step)
      await refreshedTimes((await refreshes()) + 4)
    }
    const began = performance.now()
    const before = await refreshes()
    await refreshedTimes(before + 5)
    expect(performance.now() - began).toBeGreaterThan(3 * 300) // it is not refreshed without a pause either
  })

  const refreshedTimes = (times: number) => expect.poll(refreshes, { interval: 100 }).toBeGreaterThanOrEqual(times)

  async function refreshes(): Promise<number> {
    const { rows } = await (setup as ViewSetup).pool.query(
      `select count(*) from trifold.refreshes where outcome = 'refreshed' and cause = 'schedule'`,
    )
    return Number(rows[0].count)
  }
})
