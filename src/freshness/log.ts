import type pg from 'pg'
import { emptied } from '../schema/emptied.ts'
import { currentEra } from '../schema/era.ts'
import { headTakenAt } from '../schema/head.ts'
import { type BranchReason, branched, historyKept } from '../schema/history.ts'
import { notInWindows } from '../schema/outbox.ts'
import { newestWindow } from '../schema/windows.ts'
import { utcText } from '../sql.ts'

/** The log as all targets see it. */
export interface LogFacts {
  /** The database's clock when it was read. */
  at: string
  era: number
  /** Why the history may have branched, if no worker has begun the next era yet. */
  branched: BranchReason | undefined
  /** Whether the sessions of this role can only read, so that no worker of the role can run. */
  readOnly: boolean
  lastWindow: number
  lastWindowAt: string
  /** When a worker last found nothing new. */
  headAt: string | undefined
  /** Visible events that no window holds yet: a running worker makes one at once. Counted up to 100,000. */
  waiting: number
}

const statement = `
  select
    ${utcText('clock_timestamp()')} as at,
    ${currentEra} as era,
    ${historyKept} as history_kept,
    ${branched} as branched,
    current_setting('default_transaction_read_only') = 'on' as read_only,
    last_window.id as last_window,
    ${utcText('last_window.taken_at')} as last_window_at,
    ${headTakenAt} as head_at,
    waiting.events as waiting
  from (${newestWindow}
  ) as last_window
  cross join lateral (${notInWindows('last_window')}) as waiting`

/** @param pool of `database.ts`, whose values arrive as text @throws DATABASE_DAMAGED */
export async function readLog(pool: Pick<pg.Pool, 'query'>): Promise<LogFacts> {
  const { rows } = await pool.query(statement)
  const row = rows[0] as Record<string, string | null> | undefined
  if (!row) throw emptied('windows')
  if (row.history_kept !== 't') throw emptied('history')
  return {
    at: row.at as string,
    era: Number(row.era),
    branched: (row.branched as BranchReason | null) ?? undefined,
    readOnly: row.read_only === 't',
    lastWindow: Number(row.last_window),
    lastWindowAt: row.last_window_at as string,
    headAt: row.head_at ?? undefined,
    waiting: Number(row.waiting),
  }
}
