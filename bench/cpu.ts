import { readFile } from 'node:fs/promises'
import type pg from 'pg'

/** Of USER_HZ in /proc, which is 100 on every Linux that Node.js runs on. */
const ticksPerSecond = 100

/** Seconds of CPU that a process of this machine has used; NaN where the system does not tell. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

/** Seconds of CPU of all backends that Trifold's own connections have in the database. */
export async function backendSeconds(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query(
    `select pid
    from pg_stat_activity
    where datname = current_database()
      and application_name like 'trifold %'`,
  )
  const seconds = await Promise.all(rows.map(({ pid }) => cpuSeconds(pid)))
  return seconds.reduce((sum, one) => sum + one, 0)
}
