import { afterEach, expect, inject, it } from 'vitest'
import type { Status } from '../../src/operator/status.ts'
import { createProject, itemConfig, type Project } from '../cli/project.ts'
import { freePort } from '../support/free-port.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'

let project: Project
let redis: TestRedis | undefined

afterEach(async () => {
  await redis?.close()
  await project.close()
})

const look = async () => JSON.parse((await project.cli('status', '--json')).out) as Status

it.skipIf(!inject('redisServer'))('a Redis that is away stops the schedule, and nothing else', async () => {
  project = await createProject()
  const port = await freePort()
  const targets = `targets: { table: {}, view: { every: '200ms' } },`
  await project.configure(itemConfig(project.database.url, targets, `redis: 'redis://127.0.0.1:${port}',`))
  const worker = project.start(['worker', '--json'])
  const failed = await worker.whenObserved('schedule.failed')
  expect(failed).toMatchObject({ step: 'start', error: { code: 'REDIS_UNREACHABLE' } })
  await worker.whenObserved('target.leased')
  await project.addItem(1, 'added without Redis')
  const rows = async () => (await project.database.pool.query('select name from item__table')).rows
  await expect.poll(rows).toEqual([{ name: 'added without Redis' }])
  const [table, view] = (await look()).targets
  expect(table).toMatchObject({ verdict: 'green', consumer: { held: true } })
  expect(view).toMatchObject({
    schedule: { isRunning: false, nextAt: null },
    reason: expect.stringMatching(/no worker runs its schedule: schedule: Redis at .* does not answer/),
  })
  redis = await startRedis(port)
  await expect.poll(look, { interval: 500 }).toMatchObject({
    targets: [
      { verdict: 'green' },
      { verdict: 'green', schedule: { isRunning: true }, lastRefresh: { cause: 'schedule' } },
    ],
  })
  worker.child.kill('SIGTERM')
  expect((await worker.ended).code).toBe(0)
})
