import type pg from 'pg'
import { parseSnapshot, type Snapshot } from '../../feed/snapshot.ts'
import type { ParsedToken } from '../../outbox/token.ts'
import type { MaterializerName } from '../../target.ts'

/** What stands between a commit token and a target. */
export interface Reflection {
  /** The era of the database. */
  era: bigint
  /** Transactions of the token that are running, or were rolled back. */
  uncommitted: string[]
  /** Whether the target shows all of the token's transactions. */
  visible: boolean
  /** Why the target stopped; null while it runs. */
  failure: unknown
  /** Whether the target has a generation to read. */
  serving: boolean
  /** Windows that the target has not applied (`table`, `search`). */
  windowsAhead: number | undefined
  /** Seconds since the newest snapshot that the target reflects. */
  behind: number | undefined
}

/** Targets whose freshness PostgreSQL knows. */
export type FreshTarget = Exclude<MaterializerName, 'memory'>

// A target shows a transaction if one of its snapshots does. Snapshots compare only inside an era: those of windows and
// of the head name theirs, the others have to be younger than the beginning of the token's era.
// - an event-fed target holds the rows of its fill, and every window up to its cursor
// - the head says that nothing followed its window up to a later snapshot: so does a cursor at that window's end
// - an index shows what was applied up to its last index refresh, and its fill ends with one
const snapshotsOf: Record<FreshTarget, string> = {
  table: `
    select snapshot, taken_at
    from consumer join trifold.windows on id = window_id and windows.era = $2::bigint
    union all
    select head.snapshot, head.taken_at
    from consumer join trifold.head on head.window_id = consumer.window_id and head.era = $2::bigint
    where consumer.position is null
    union all
    select fill_snapshot, filled_at from generation where created_at >= (select began_at from era)`,
  view: `
    select snapshot, snapshot_at from generation where snapshot_at >= (select began_at from era)`,
  search: `
    select searchable_snapshot, taken_at
    from consumer join trifold.windows on id = searchable_window and windows.era = $2::bigint
    union all
    select head.snapshot, head.taken_at
    from consumer
    join generation on generation.id = consumer.generation_id
    join trifold.head on head.window_id = consumer.window_id and head.era = $2::bigint
    where consumer.position is null
      and coalesce(consumer.searchable_window, generation.fill_window) = consumer.window_id
    union all
    select fill_snapshot, filled_at from generation where created_at >= (select began_at from era)`,
}

// `$1` the target, `$2` the era.
const reflectedBy = (kind: FreshTarget): string => `
  with era as (
    select began_at from trifold.history where era = $2::bigint
  ), generation as (
    select * from trifold.generations where target = $1::text and state = 'serving'
  ), consumer as (
    select consumers.* from trifold.consumers join generation on generation.id = consumers.generation_id
  ), reflected (snapshot, taken_at) as (${snapshotsOf[kind]}
  )`

// The status of a transaction that this history never had is an error, so it is asked for the token's own era only.
const statementOf = (kind: FreshTarget): string => `${reflectedBy(kind)}, asked as (
    select
      xid,
      case
        when (select last_value from trifold.era) = $2::bigint then pg_xact_status(xid) in ('in progress', 'aborted')
      end as uncommitted
    from unnest($3::xid8[]) as xid
  )
  select
    (select last_value from trifold.era) as era,
    array(select xid::text from asked where uncommitted) as uncommitted,
    not exists (
      select
      from asked
      where not exists (select from reflected where pg_visible_in_snapshot(asked.xid, reflected.snapshot))
    ) as visible,
    (select failure from consumer) as failure,
    exists (select from generation) as serving,
    (select max(windows.id) from trifold.windows) - (select window_id from consumer) as windows_ahead,
    extract(epoch from clock_timestamp() - (select max(taken_at) from reflected)) as behind`

const statements = {
  table: { name: 'trifold_reflects_table', text: statementOf('table') },
  view: { name: 'trifold_reflects_view', text: statementOf('view') },
  search: { name: 'trifold_reflects_search', text: statementOf('search') },
}

/**
 * Looks once whether a target shows the transactions of a commit token, in one statement.
 *
 * @param pool of `database.ts`, whose values arrive as text
 */
export async function reflects(
  pool: Pick<pg.Pool, 'query'>,
  kind: FreshTarget,
  target: string,
  token: ParsedToken,
): Promise<Reflection> {
  const values = [target, String(token.era), `{${token.xids.join(',')}}`]
  const { rows } = await pool.query({ ...statements[kind], values })
  const row = rows[0] as Record<string, string | null>
  return {
    era: BigInt(row.era as string),
    uncommitted: (row.uncommitted as string).slice(1, -1).split(',').filter(Boolean),
    visible: row.visible === 't',
    failure: row.failure === null ? null : JSON.parse(row.failure as string),
    serving: row.serving === 't',
    windowsAhead: row.windows_ahead === null ? undefined : Number(row.windows_ahead),
    behind: row.behind === null ? undefined : Number(row.behind),
  }
}

/**
 * The snapshots that a target reflects, in one statement: it shows a transaction of the era if one of them does. For
 * whoever asks for many transactions at once.
 *
 * @param pool of `database.ts`, whose values arrive as text
 */
export async function reflectedSnapshots(
  pool: Pick<pg.Pool, 'query'>,
  kind: FreshTarget,
  target: string,
  era: bigint,
): Promise<Snapshot[]> {
  const { rows } = await pool.query({
    name: `trifold_reflected_${kind}`,
    text: `${reflectedBy(kind)} select snapshot::text from reflected where snapshot is not null`,
    values: [target, String(era)],
  })
  return rows.map((row) => parseSnapshot(row.snapshot as string))
}
