// The table `trifold.troubles`: at what a running worker fails and tries again.
import type pg from 'pg'
import { utcText } from '../sql.ts'

/** At what a worker fails. Times are ISO 8601 in UTC. */
export interface Trouble {
  /** Host and process of the worker. */
  worker: string
  code: string
  message: string
  /** When this message came first, and last. */
  since: string
  at: string
}

type Client = Pick<pg.ClientBase, 'query'>

/** Notes at what a worker fails with these targets. */
export async function recordTroubles(
  client: Client,
  targets: readonly string[],
  { worker, code, message }: Pick<Trouble, 'worker' | 'code' | 'message'>,
): Promise<void> {
  await client.query(
    `insert into trifold.troubles as known (target, worker, code, message)
    select target, $2, $3, $4
    from unnest($1::text[]) as target
    on conflict (target) do update
    set
      worker = excluded.worker,
      code = excluded.code,
      message = excluded.message,
      since = case when known.code = excluded.code then known.since else excluded.since end,
      at = excluded.at`,
    [targets, worker, code, message],
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
        'since', ${utcText('since')},
        'at', ${utcText('at')}
      )
      from trifold.troubles
      where troubles.target = ${target}
        and at > clock_timestamp() - interval '2 minutes'
    )`
