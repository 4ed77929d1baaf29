import { Redis } from 'ioredis'
import type pg from 'pg'
import type { TestRedis } from '../support/redis.ts'

/** What happens to a queue behind its back, on either engine. */
export interface Queue {
  redis: string | undefined
  /** Everything is gone. */
  flush(): Promise<void>
  /** The tick of a target is deleted by hand. */
  deleteArmedJob(target: string): Promise<void>
  /** A refresh job was deleted so that its deduplication is left. */
  leaveDeduplication(target: string): Promise<void>
  /** The targets whose ticks wait for their time. */
  armed(): Promise<string[]>
}

export function onPostgres(pool: pg.Pool): Queue {
  return {
    redis: undefined,
    async flush() {
      await pool.query('delete from bullmq.job; delete from bullmq.dedup')
    },
    async deleteArmedJob(target) {
      await pool.query(`delete from bullmq.job where name = 'tick' and data ->> 'target' = $1`, [target])
    },
    async leaveDeduplication(target) {
      await pool.query(
        `insert into bullmq.dedup (queue, dedup_id, job_id)
        select distinct queue, $1, 'gone'
        from bullmq.meta
        on conflict (queue, dedup_id) do update set job_id = 'gone'`,
        [target],
      )
    },
    async armed() {
      const { rows } = await pool.query(
        `select data ->> 'target' as target
        from bullmq.job
        where state = 'delayed'
          and name = 'tick'
        order by target`,
      )
      return rows.map((row) => row.target)
    },
  }
}

export function onRedis(redis: TestRedis): Queue & { close(): void } {
  const client = new Redis(redis.url)
  const keys = async (pattern: string) => (await client.keys(`bull:trifold-*:${pattern}`)) as string[]
  const members = async (pattern: string) => {
    const found = await Promise.all((await keys(pattern)).map((key) => client.zrange(key, '0', '-1')))
    return (found.flat() as string[]).sort()
  }
  return {
    redis: redis.url,
    flush: () => redis.flush(),
    async deleteArmedJob(target) {
      for (const key of await keys('delayed')) {
        for (const id of (await client.zrange(key, '0', '-1')) as string[]) {
          if (!id.startsWith(`tick.${target}.`)) continue
          await client.zrem(key, id)
          await client.del(key.replace(/delayed$/, id))
        }
      }
    },
    async leaveDeduplication(target) {
      for (const key of await keys('meta')) await client.set(key.replace(/meta$/, `de:${target}`), 'gone')
    },
    armed: async () => (await members('delayed')).map((id) => id.split('.')[1] as string),
    close: () => client.disconnect(),
  }
}
