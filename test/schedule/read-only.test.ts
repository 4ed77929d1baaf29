import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { doctor } from '../../src/operator/doctor.ts'
import { status } from '../../src/operator/status.ts'
import { openToolkit } from '../../src/toolkit.ts'
import { startWorker } from '../../src/worker.ts'
import { createProject } from '../cli/project.ts'
import { Observed } from '../support/observed.ts'
import { redisUnavailable, startRedis } from '../support/redis.ts'
import { until } from '../support/until.ts'

describe.skipIf(redisUnavailable() !== '')('a Redis that becomes a replica under a worker', () => {
  it('is why refreshes are overdue, says status as soon as they are, and doctor names it', async () => {
    const project = await createProject()
    const redis = await startRedis()
    const model = { key: ['id'], targets: { view: { every: '1s' } } }
    const at = { database: project.database.url, redis: redis.url, root: project.folder }
    const config = resolveConfig({ ...at, readModels: { item: model } } as never)
    const toolkit = await openToolkit(config)
    const observed = new Observed()
    const worker = await startWorker(toolkit, { observe: observed.observe })
    const client = new Redis(redis.url)
    try {
      await observed.when('refresh.finished', 2)
      await client.replicaof('127.0.0.1', '1')
      await until('it is red', async () => !(await status(toolkit)).ok)
      expect((await status(toolkit)).targets[0]?.reason).toMatch(/is overdue by .*is a replica, which takes no writes/)
      const { findings } = await doctor(config)
      expect(findings.find(({ part }) => part === 'redis')).toMatchObject({
        level: 'problem',
        message: expect.stringContaining('point REDIS_URL at its primary'),
      })
    } finally {
      await client.replicaof('NO', 'ONE')
      client.disconnect()
      await worker.stop()
      await toolkit.close()
      await redis.close()
      await project.close()
    }
  })
})
