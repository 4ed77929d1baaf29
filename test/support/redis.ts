import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { inject } from 'vitest'
import { freePort } from './free-port.ts'
import { until } from './until.ts'

export interface TestRedis {
  url: string
  /** Forgets everything, as a Redis without persistence does when it is restarted. */
  flush(): Promise<void>
  close(): Promise<void>
}

/** Why tests on Redis cannot run here, or an empty string. In CI they must. */
export function redisUnavailable(): string {
  const reason =
    process.env.REDIS_URL || inject('redisServer') ? '' : 'redis-server is not installed and REDIS_URL is not set'
  if (reason && process.env.CI) throw new Error(`the tests need Redis: ${reason}`)
  if (reason) process.stderr.write(`tests that need Redis are skipped: ${reason}\n`)
  return reason
}

/** A Redis of its own, without persistence; without a port the database 15 of REDIS_URL where that is set. */
export async function startRedis(given?: number): Promise<TestRedis> {
  if (process.env.REDIS_URL && given === undefined)
    return connectTo(new URL('/15', process.env.REDIS_URL).toString(), async () => {})
  const folder = await mkdtemp(join(tmpdir(), 'trifold-redis-'))
  const port = given ?? (await freePort())
  const server = spawn(
    inject('redisServer'),
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder],
    { stdio: 'ignore' },
  )
  return connectTo(`redis://127.0.0.1:${port}`, async () => {
    const ended = once(server, 'exit')
    server.kill('SIGKILL')
    await ended
    await rm(folder, { recursive: true })
  })
}

async function connectTo(url: string, stop: () => Promise<void>): Promise<TestRedis> {
  const client = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null })
  client.on('error', () => {}) // it is refused until the server listens
  await until('Redis answers', () => client.status === 'ready')
  await client.flushdb()
  return {
    url,
    async flush() {
      await client.flushdb()
    },
    async close() {
      await client.flushdb()
      client.disconnect()
      await stop()
    },
  }
}
