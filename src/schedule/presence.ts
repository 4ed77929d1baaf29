import type pg from 'pg'
import { openClient } from '../database.ts'
import { lockHeld } from '../sql.ts'

const lockName = 'trifold schedule '

/** An SQL expression: whether a process runs the schedule of a target. @param target an SQL expression */
export const scheduleRuns = (target: string): string => lockHeld(`'${lockName}' || ${target}`)

/**
 * Says that this process runs the schedules of its targets, for as long as it does: a separate session holds a shared
 * advisory lock for each, so that it ends with the process.
 */
export class Presence {
  private readonly databaseUrl: string
  private readonly targets: readonly string[]
  private session: pg.Client | undefined

  constructor(databaseUrl: string, targets: readonly string[]) {
    this.databaseUrl = databaseUrl
    this.targets = targets
  }

  /** Takes the locks, again if the session has broken. */
  async show(): Promise<void> {
    if (this.session) return
    const session = await openClient(this.databaseUrl, { name: 'schedule presence' })
    session.once('end', () => {
      if (this.session === session) this.session = undefined
    })
    this.session = session
    await session.query(
      `select pg_advisory_lock_shared(hashtextextended('${lockName}' || target, 0))
      from unnest($1::text[]) as target`,
      [this.targets],
    )
  }

  /** Gives them back. */
  async hide(): Promise<void> {
    const { session } = this
    this.session = undefined
    await session?.end()
  }
}
