import type { ResolvedConfig } from '../../config.ts'
import { configuredTargets } from '../../read-model/feed.ts'
import { checkRedis } from '../../schedule/redis.ts'
import { shownUrl } from '../../shown-url.ts'
import { type Checks, type Finding, failed, ok, problem, runChecks, warning } from './finding.ts'

export interface RedisFacts {
  url: string
  version: string
  policy: string
}

/** The Redis of a configuration; without one, what keeps the queue. */
export async function examineRedis({ redis: url, readModels }: ResolvedConfig): Promise<Finding[]> {
  const targets = Object.entries(readModels).flatMap(([name, model]) => configuredTargets(name, model))
  if (!targets.some(({ feed }) => feed === 'schedule')) return []
  if (!url) {
    const message = 'REDIS_URL is not set: the queue of refreshes runs on PostgreSQL (schema "bullmq")'
    return [{ part: 'redis', check: 'reachable', ...ok(message) }]
  }
  try {
    await checkRedis(url)
    return runChecks('redis', redisChecks, await readRedisFacts(url))
  } catch (error) {
    return [failed('redis', 'reachable', error)]
  }
}

async function readRedisFacts(url: string): Promise<RedisFacts> {
  const { Redis } = await import('ioredis')
  const client = new Redis(url, { maxRetriesPerRequest: 0, commandTimeout: 5_000, retryStrategy: () => null })
  client.on('error', () => {}) // the command that waits reports it
  try {
    const info = `${await client.info('server')}\n${await client.info('memory')}`
    const field = (name: string) => new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1]?.trim() ?? 'unknown'
    return { url: shownUrl(url), version: field('redis_version'), policy: field('maxmemory_policy') }
  } finally {
    client.disconnect()
  }
}

export const redisChecks: Checks<RedisFacts> = {
  reachable: ({ url, version }) => {
    const [major = 0, minor = 0] = version.split('.').map(Number)
    const place = `Redis ${version} at ${url}`
    if (major < 5) return problem(`${place} is too old for BullMQ`, 'use Redis 6.2 or newer')
    if (major < 6 || (major === 6 && minor < 2))
      return warning(`${place} is older than BullMQ recommends`, 'use Redis 6.2 or newer')
    return ok(place)
  },
  policy: ({ policy }) =>
    policy === 'noeviction'
      ? ok('maxmemory-policy is noeviction')
      : problem(
          `maxmemory-policy is ${policy}: Redis may drop jobs when its memory is full`,
          'set maxmemory-policy to noeviction',
        ),
}
