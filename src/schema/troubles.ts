// The table `trifold.troubles`: at what a running worker fails and tries again.
import type pg from 'pg'
import { utcText } from '../sql.ts'

/** At what a worker fails. Times are ISO 8601 in UTC. */
export interface Trouble {
  /** Host and process of the worker. */
  worker: string
  code: string
  message: string
  /** How often it was tried in a row; null if that is not counted. */
  attempt: number | null
  /** When it is tried again; null if that is the next regular run. */
  nextAt: string | null
  /** When this message came first, and last. */
  since: string
  at: string
}

/** A trouble that a worker has now. */
export interface NewTrouble extends Pick<Trouble, 'worker' | 'code' | 'message'> {
  attempt?: number | undefined
  retryInMs?: number | undefined
}

type Client = Pick<pg.ClientBase, 'query'>

/** Notes at what a worker fails with these targets. */
export async function recordTroubles(
  client: Client,
  targets: readonly string[],
  { worker, code, message, attempt, retryInMs }: NewTrouble,
): Promise<void> {
  await client.query(
    `insert into trifold.troubles as known (target, worker, code, message, attempt, next_at)
    select target, $2, $3, $4, $5, clock_timestamp() + $6 * interval '1 millisecond'
    from unnest($1::text[]) as target
    on conflict (target) do update
    set
      worker = excluded.worker,
      code = excluded.code,
      message = excluded.message,
      attempt = excluded.attempt,
      next_at = excluded.next_at,
      since = case when known.code = excluded.code then known.since else excluded.since end,
      at = excluded.at`,
    [targets, worker, code, message, attempt ?? null, retryInMs ?? null],
  )
}

/** Forgets what a worker failed at. */
export async function deleteTroubles(client: Client, targets: readonly string[]): Promise<void> {
  await client.query('delete from trifold.troubles where target = any($1::text[])', [targets])
}

/**
 * An SQL expression: the {@link Trouble} of a target as JSON, null if there is none. One that no worker has repeated for two
 * minutes belongs to a worker that has gone.
 *
 * @param target an SQL expression
 */
export const troubleOf = (target: string): string => `
    (
      select json_build_object(
        'worker', worker,
        'code', code,
        'message', message,
        'attempt', attempt,
        'nextAt', ${utcText('next_at')},
        'since', ${utcText('since')},
        'at', ${utcText('at')}
      )
      from trifold.troubles
      where troubles.target = ${target}
        and at > clock_timestamp() - interval '2 minutes'
    )`
