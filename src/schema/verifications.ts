// The table `trifold.verifications`: the comparisons of targets with their definitions.
import type pg from 'pg'
import { utcText } from '../sql.ts'

/** A comparison that has ended. */
export interface EndedVerification {
  target: string
  generationId: string
  cause: 'manual' | 'continuous'
  /** Whether its ranges were taken at random; else they are one, from `after` to `upTo`. */
  sampled: boolean
  /** The key behind which it began, and the one with which it ended; undefined at either end of the target. */
  after: object | undefined
  upTo: object | undefined
  /** The share of the rows that were compared, from 0 to 1. */
  share: number
  rows: number
  differences: number
  repaired: number
  /** The first differences. */
  examples: readonly object[]
  /** As PostgreSQL writes it. */
  snapshot: string
  milliseconds: number
}

/** Writes the row of a comparison that ends now, by the database's clock. */
export async function insertVerification(client: Pick<pg.ClientBase, 'query'>, run: EndedVerification): Promise<void> {
  await client.query(
    `insert into trifold.verifications
      (
        target, generation_id, cause, sampled, after_key, up_to_key, share, row_count, differences, repaired, examples,
        snapshot, started_at, finished_at
      )
    select
      $1, (select id from trifold.generations where id = $2), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::pg_snapshot,
      clock.now - $13 * interval '1 millisecond', clock.now
    from (select clock_timestamp() as now offset 0) as clock`,
    [
      run.target,
      run.generationId,
      run.cause,
      run.sampled,
      run.after ? JSON.stringify(run.after) : null,
      run.upTo ? JSON.stringify(run.upTo) : null,
      run.share,
      run.rows,
      run.differences,
      run.repaired,
      JSON.stringify(run.examples),
      run.snapshot,
      run.milliseconds,
    ],
  )
}

/** Where the last continuous comparison of a generation ended; undefined if the next begins at the first key. */
export async function lastVerifiedKey(
  client: Pick<pg.ClientBase, 'query'>,
  target: string,
  generationId: string,
): Promise<Record<string, string | number | boolean | null> | undefined> {
  const { rows } = await client.query(
    `select up_to_key
    from trifold.verifications
    where target = $1
      and generation_id = $2
      and cause = 'continuous'
    order by id desc
    limit 1`,
    [target, generationId],
  )
  const key = rows[0]?.up_to_key
  return typeof key === 'string' ? JSON.parse(key) : (key ?? undefined)
}

/** What the comparisons of the generation that serves say of a target. Times are ISO 8601 in UTC. */
export interface VerifiedFacts {
  /** When the last comparison ended. */
  at: string
  /** The share of the rows that the comparisons of the last `milliseconds` have looked at, from 0 to 1. */
  share: number
  milliseconds: number
  /** Rows that differed in them and were not repaired. */
  differing: number
  /** Rows that differed and were repaired. */
  repaired: number
}

// Comparisons are added up from the newest one back until they cover the target. A sample says nothing of which rows it
// had, so it counts only by itself.
const factsStatement = `
  with run as (
    select
      verifications.*,
      row_number() over newest as place,
      sum(share) filter (where not sampled) over (newest rows between unbounded preceding and 1 preceding) as before
    from trifold.verifications
    join trifold.generations on generations.id = generation_id and state = 'serving'
    where verifications.target = any ($1::text[])
    window newest as (partition by verifications.target order by verifications.id desc)
  ), counted as (
    select *
    from run
    where coalesce(before, 0) < 0.9999
      and (place = 1 or not sampled)
  )
  select
    target,
    ${utcText('max(finished_at)')} as at,
    least(1, coalesce(sum(share) filter (where not sampled), max(share))) as share,
    extract(epoch from max(finished_at) - min(started_at)) * 1000 as milliseconds,
    sum(differences - repaired) as differing,
    sum(repaired) as repaired
  from counted
  group by target`

/** What the comparisons say of each of some targets; those without one are missing. */
export async function readVerified(
  client: Pick<pg.ClientBase, 'query'>,
  targets: readonly string[],
): Promise<Map<string, VerifiedFacts>> {
  const { rows } = await client.query(factsStatement, [targets])
  return new Map(
    rows.map((row) => [
      row.target as string,
      {
        at: row.at,
        share: Number(row.share),
        milliseconds: Number(row.milliseconds),
        differing: Number(row.differing),
        repaired: Number(row.repaired),
      },
    ]),
  )
}

/** Deletes the comparisons of a target. */
export async function deleteVerifications(client: Pick<pg.ClientBase, 'query'>, target: string): Promise<void> {
  await client.query('delete from trifold.verifications where target = $1', [target])
}

/** Deletes comparisons that ended longer ago than `days`. */
export async function pruneVerifications(client: Pick<pg.ClientBase, 'query'>, days: number): Promise<void> {
  await client.query(
    `delete from trifold.verifications
    where finished_at < now() - $1::integer * interval '1 day'`,
    [days],
  )
}
