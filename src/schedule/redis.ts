import { isTrifoldError, TrifoldError } from '../errors.ts'
import { shownUrl } from '../shown-url.ts'

const connectTimeout = 5_000

/** Fails at once; BullMQ would retry forever. @throws REDIS_UNREACHABLE, REDIS_READ_ONLY */
export async function checkRedis(url: string): Promise<void> {
  const { Redis } = await import('ioredis')
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout,
    commandTimeout: connectTimeout,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  })
  let reason: Error | undefined
  client.on('error', (error) => {
    reason = error
  })
  try {
    await client.connect()
    if (isReplica(await client.info('replication'))) throw readOnly(url)
  } catch (error) {
    if (isTrifoldError(error)) throw error
    const cause = reason ?? (error as Error)
    throw new TrifoldError(
      'REDIS_UNREACHABLE',
      `schedule: Redis at ${shownUrl(url)} does not answer (${cause.message || cause.name}); check REDIS_URL, ` +
        'or leave it unset to keep the queue in PostgreSQL',
      { cause },
    )
  } finally {
    client.disconnect()
  }
}

/** Reads are answered there, so a connection alone proves nothing. */
const isReplica = (info: string): boolean => /^role:(slave|replica)\b/m.test(info)

const readOnly = (url: string): TrifoldError =>
  new TrifoldError(
    'REDIS_READ_ONLY',
    `schedule: Redis at ${shownUrl(url)} is a replica, which takes no writes; point REDIS_URL at its primary`,
  )
