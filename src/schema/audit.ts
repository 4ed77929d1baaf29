// The table `trifold.audit`: what operators did in the console.
import type pg from 'pg'
import { utcText } from '../sql.ts'

type Client = Pick<pg.ClientBase | pg.Pool, 'query'>

/** What somebody wants to do. */
export interface AuditedAction {
  /** The name of the key with which it was asked for. */
  actor: string
  /** `refresh`, `pause` and others, as the console names them. */
  action: string
  /** A target, or the id of a parked event. */
  subject: string
}

/** An action of an operator. Times are ISO 8601 in UTC. */
export interface AuditEntry extends AuditedAction {
  id: string
  at: string
  /** Undefined while it is under way, and for ever if its server was killed meanwhile. */
  endedAt: string | undefined
  outcome: 'done' | 'failed' | undefined
  /** What came of it, or why it failed. */
  detail: string | undefined
}

/** Notes that an action begins. @returns its id */
export async function insertAction(client: Client, { actor, action, subject }: AuditedAction): Promise<string> {
  const { rows } = await client.query(
    `insert into trifold.audit (actor, action, subject)
    values ($1, $2, $3)
    returning id::text`,
    [actor, action, subject],
  )
  return rows[0].id
}

/** Notes what came of an action. */
export async function endAction(client: Client, id: string, outcome: 'done' | 'failed', detail: string): Promise<void> {
  await client.query(
    `update trifold.audit
    set
      ended_at = clock_timestamp(),
      outcome = $2,
      detail = $3
    where id = $1`,
    [id, outcome, detail],
  )
}

/** The last actions, the newest first. @param pool of `database.ts`, whose values arrive as text */
export async function readActions(pool: Client, limit: number): Promise<AuditEntry[]> {
  const { rows } = await pool.query(
    `select
      id,
      actor,
      action,
      subject,
      outcome,
      detail,
      ${utcText('at')} as at,
      ${utcText('ended_at')} as ended_at
    from trifold.audit
    order by id desc
    limit $1`,
    [limit],
  )
  return (rows as Record<string, string | null>[]).map((row) => ({
    id: row.id as string,
    actor: row.actor as string,
    action: row.action as string,
    subject: row.subject as string,
    at: row.at as string,
    endedAt: row.ended_at ?? undefined,
    outcome: (row.outcome as AuditEntry['outcome'] | null) ?? undefined,
    detail: row.detail ?? undefined,
  }))
}
