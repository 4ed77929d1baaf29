import type pg from 'pg'
import { askedTargets, reflectedBy } from '../schema/generations/reflected.ts'
import { parseSnapshot, type Snapshot } from '../snapshot.ts'

/** What has to be known of a target to tell what it reflects; the rest is recorded in PostgreSQL. */
export interface FreshTarget {
  /** `order_summary@table` */
  target: string
  /** Whether readers see a page as soon as it is applied; if not, only after an index refresh. */
  showsApplied: boolean
}

/** What has to be known of a target to wait until it shows a commit. */
export interface AwaitedTarget extends FreshTarget {
  /** Whether it goes on without an event that it cannot take (`onFailure`). */
  parks: boolean
}

/** @param materializer whose target it is */
export const freshTarget = (materializer: {
  context: { target: string; model: { onFailure?: 'park' | 'stop' } }
  features: { transactional: boolean }
}): AwaitedTarget => ({
  target: materializer.context.target,
  showsApplied: materializer.features.transactional,
  parks: materializer.context.model.onFailure !== 'stop',
})

/** `$1` and `$2` of {@link askedTargets}. */
export const askedValues = (targets: readonly FreshTarget[]): [string[], boolean[]] => [
  targets.map(({ target }) => target),
  targets.map(({ showsApplied }) => showsApplied),
]

const snapshotsStatement = `
  with ${askedTargets},
  ${reflectedBy('$3::bigint')}
  select snapshot::text
  from reflected`

/**
 * The snapshots of an era that a target reflects: it shows a transaction of the era if one of them does. For asking about
 * many transactions at once.
 *
 * @param pool of `database.ts`, whose values arrive as text
 */
export async function reflectedSnapshots(
  pool: Pick<pg.Pool, 'query'>,
  target: FreshTarget,
  era: bigint,
): Promise<Snapshot[]> {
  const { rows } = await pool.query({
    name: 'trifold_reflected',
    text: snapshotsStatement,
    values: [...askedValues([target]), String(era)],
  })
  return rows.map((row) => parseSnapshot(row.snapshot as string))
}
