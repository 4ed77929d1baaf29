import { afterEach, describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { history } from '../../src/operator/history.ts'
import { schedules, tuneSchedule } from '../../src/operator/schedules.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { startWorker, type Worker } from '../../src/worker.ts'
import { createProject, type Project } from '../cli/project.ts'
import { Observed } from '../support/observed.ts'
import { redisUnavailable, startRedis, type TestRedis } from '../support/redis.ts'

const target = 'item@view'
const engines = (['postgresql', 'redis'] as const).filter((engine) => engine === 'postgresql' || !redisUnavailable())

describe.each(engines)('a view with a target lag, its queue on %s', (engine) => {
  let project: Project
  let toolkit: Toolkit
  let worker: Worker | undefined
  let redis: TestRedis | undefined

  afterEach(async () => {
    await worker?.stop()
    await toolkit?.close()
    await redis?.close()
    await project?.close()
  })

  it('is refreshed for it, says how well it was held, and is tuned with a warning that prices what cannot be', async () => {
    project = await createProject()
    redis = engine === 'redis' ? await startRedis() : undefined
    const view = { lag: '2s' } as const
    const config = {
      root: project.folder,
      database: project.database.url,
      readModels: { item: { key: ['id'], targets: { view } } },
    }
    toolkit = await openToolkit(resolveConfig({ ...config, redis: redis?.url }, undefined, {}))
    const observed = new Observed()
    worker = await startWorker(toolkit, { observe: observed.observe })
    await observed.when('refresh.finished', 4)

    expect(await schedules(toolkit)).toMatchObject([
      { target, timing: { kind: 'lag', ms: 2_000 }, source: 'config', isRunning: true, nextAt: expect.any(Date) },
    ])
    const [found] = (await history(toolkit, [target])).targets
    expect(found?.held).toMatchObject({ target: 2_000, share: expect.any(Number) })
    expect(found?.held?.share).toBeGreaterThan(0)
    expect(found?.held?.p99).toBeGreaterThanOrEqual(found?.held?.p50 as number)

    await project.database.pool.query(
      `update trifold.refreshes set started_at = finished_at - interval '3 s' where cause = 'schedule'`,
    )
    const dry = await tuneSchedule(toolkit, target, { lag: '4s' }, { dryRun: true })
    expect(dry.warning).toMatch(
      /takes 3 s \(measured\), so a lag of 4 s cannot be held: .* the shortest lag that can be held is 6 s$/,
    )
    expect((await tuneSchedule(toolkit, target, { lag: '6s' })).warning).toBeUndefined()
    await expect(tuneSchedule(toolkit, target, { lag: '1s', every: '1s' })).rejects.toMatchObject({
      code: 'SCHEDULE_INVALID',
    })
    await expect(tuneSchedule(toolkit, target, { lag: '100ms' })).rejects.toThrow('at least 200 ms')
  })
})
