import type pg from 'pg'
import type { ParsedToken } from '../outbox/token.ts'
import type { Failure } from '../schema/consumers.ts'
import { currentEra, eraNonce } from '../schema/era.ts'
import { askedTargets, reflectedBy } from '../schema/generations/reflected.ts'
import { type BranchReason, branched, takesBareTokens } from '../schema/history.ts'
import { newestWindowId } from '../schema/windows.ts'
import { askedValues, type FreshTarget } from './reflected.ts'

/** How a target relates to a commit token. */
export interface Reflection {
  /** The era of the database. */
  era: bigint
  /** Why the history of the database is another one than its era's, if no worker has begun the next era yet. */
  branched: BranchReason | undefined
  /** Whether the token carries the nonce of the era, or the era began before tokens had one. */
  sameNonce: boolean
  /** Transactions of the token that are running, or were rolled back. */
  uncommitted: string[]
  /** Whether the target shows all of the token's transactions. */
  visible: boolean
  /** Why the target stopped; null while it runs. */
  failure: Failure | null
  /** Since when its read model is detached; undefined if it is not. */
  detachedSince: string | undefined
  /** Whether the target has a generation to read. */
  serving: boolean
  /** Windows that the target has not applied; undefined if no cursor moves it. */
  windowsAhead: number | undefined
  /** Seconds since the newest snapshot that the target reflects. */
  behind: number | undefined
}

// The status of a transaction that this history never had is an error, so it is asked for the token's own era only.
const statement = `
  with ${askedTargets},
  ${reflectedBy('$3::bigint')},
  history as (
    select
      ${branched} as branched,
      coalesce($5::text = ${eraNonce}, ${takesBareTokens}) as same_nonce
  ),
  wanted as (
    select
      xid,
      case
        when ${currentEra} = $3::bigint and same_nonce and branched is null then pg_xact_status(xid) in ('in progress', 'aborted')
      end as uncommitted
    from unnest($4::xid8[]) as xid
    cross join history
  )
  select
    ${currentEra} as era,
    history.branched,
    history.same_nonce,
    array(select xid::text from wanted where uncommitted) as uncommitted,
    not exists (
      select
      from wanted
      where not exists (
        select
        from reflected
        where pg_visible_in_snapshot(wanted.xid, reflected.snapshot)
      )
    ) as visible,
    asked.failure,
    asked.detached_since,
    asked.generation_id is not null as serving,
    ${newestWindowId} - asked.window_id as windows_ahead,
    extract(epoch from clock_timestamp() - (select max(taken_at) from reflected)) as behind
  from asked
  cross join history`

/**
 * Looks once whether a target shows the transactions of a commit token, in one statement.
 *
 * @param pool of `database.ts`, whose values arrive as text
 */
export async function reflects(
  pool: Pick<pg.Pool, 'query'>,
  target: FreshTarget,
  token: ParsedToken,
): Promise<Reflection> {
  const { rows } = await pool.query({
    name: 'trifold_reflects',
    text: statement,
    values: [...askedValues([target]), String(token.era), `{${token.xids.join(',')}}`, token.nonce ?? null],
  })
  const row = rows[0] as Record<string, string | null>
  return {
    era: BigInt(row.era as string),
    branched: (row.branched as BranchReason | null) ?? undefined,
    sameNonce: row.same_nonce === 't',
    uncommitted: (row.uncommitted as string).slice(1, -1).split(',').filter(Boolean),
    visible: row.visible === 't',
    failure: row.failure === null ? null : JSON.parse(row.failure as string),
    detachedSince: row.detached_since ?? undefined,
    serving: row.serving === 't',
    windowsAhead: row.windows_ahead === null ? undefined : Number(row.windows_ahead),
    behind: row.behind === null ? undefined : Number(row.behind),
  }
}
