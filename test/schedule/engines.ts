import { Redis } from 'ioredis'
import type pg from 'pg'
import type { TestRedis } from '../support/redis.ts'

/** What happens to a queue behind its back, on either engine. */
export interface Queue {
  redis: string | undefined
  /** Everything is gone. */
  flush(): Promise<void>
  /** The job that a target's scheduler has armed is deleted by hand. */
  deleteArmedJob(target: string): Promise<void>
  /** A refresh job was deleted so that its deduplication is left. */
  leaveDeduplication(target: string): Promise<void>
  /** The targets that have a scheduler. */
  schedulers(): Promise<string[]>
  /** The jobs that wait for their time. */
  armedJobs(): Promise<string[]>
}

export function onPostgres(pool: pg.Pool): Queue {
  return {
    redis: undefined,
    async flush() {
      await pool.query('delete from bullmq.job; delete from bullmq.scheduler; delete from bullmq.dedup')
    },
    async deleteArmedJob(target) {
      await pool.query('delete from bullmq.job where scheduler_id = $1', [target])
    },
    async leaveDeduplication(target) {
      await pool.query(
        `insert into bullmq.dedup (queue, dedup_id, job_id)
        select queue, $1, 'gone'
        from bullmq.scheduler
        where scheduler_id = $1
        on conflict (queue, dedup_id) do update set job_id = 'gone'`,
        [target],
      )
    },
    async schedulers() {
      const { rows } = await pool.query('select scheduler_id from bullmq.scheduler order by scheduler_id')
      return rows.map((row) => row.scheduler_id)
    },
    async armedJobs() {
      const { rows } = await pool.query(`select id from bullmq.job where state = 'delayed'`)
      return rows.map((row) => row.id)
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
          if (!id.startsWith(`repeat:${target}:`)) continue
          await client.zrem(key, id)
          await client.del(key.replace(/delayed$/, id))
        }
      }
    },
    async leaveDeduplication(target) {
      for (const key of await keys('repeat')) await client.set(key.replace(/repeat$/, `de:${target}`), 'gone')
    },
    schedulers: () => members('repeat'),
    armedJobs: () => members('delayed'),
    close: () => client.disconnect(),
  }
}
