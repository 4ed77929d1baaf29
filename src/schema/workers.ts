// The table `trifold.workers`: the workers that run, and the targets that each of them can keep.
import type pg from 'pg'

type Client = Pick<pg.ClientBase, 'query'>

/** A worker as the others see it. */
export interface KnownWorker {
  /** The owner of its leases. */
  id: string
  /** The event-fed targets that it can keep, each with the version of its handlers. */
  targets: ReadonlyMap<string, number>
}

/** A worker as it says of itself. */
export interface PresentWorker extends KnownWorker {
  /** The longest time for which its event loop was blocked since it said so last, in milliseconds. */
  blocked: number
}

/** Who has the lease of a target, or had it last. */
export interface Owner {
  target: string
  owner: string
  /** Whether its connection is gone although it did not give the lease back. */
  isGone: boolean
}

/** The other workers, and who has the leases of some targets. */
export interface Others {
  workers: KnownWorker[]
  /** Nobody, if a target is not in the list. */
  owners: Owner[]
}

/** How long a worker that was not seen counts as running, and is known, in milliseconds. */
interface Patience {
  unseen: number
  forgetAfter: number
}

const othersStatement = `
  with forgotten as (
    delete from trifold.workers
    where id <> $1::text
      and seen_at < clock_timestamp() - $4::bigint * interval '1 millisecond'
  ),
  recorded as (
    insert into trifold.workers (id, targets, blocked_ms)
    values ($1::text, $2::jsonb, $6)
    on conflict (id) do update
    set targets = excluded.targets, seen_at = excluded.seen_at, blocked_ms = excluded.blocked_ms
  )
  select
    (
      select coalesce(json_agg(json_build_object('id', id, 'targets', targets) order by id), '[]')
      from trifold.workers
      where id <> $1::text
        and seen_at > clock_timestamp() - $3::bigint * interval '1 millisecond'
    )::text as workers,
    (
      select coalesce(json_agg(json_build_object(
        'target', generation.target,
        'owner', owner,
        'isGone', backend.pid is null
      ) order by generation.target), '[]')
      from trifold.generations as generation
      join trifold.consumers on generation_id = generation.id
      left join pg_stat_activity as backend
        on backend.pid = backend_pid
        and backend.backend_start = consumers.backend_start
      where generation.state = 'serving'
        and generation.target = any ($5::text[])
        and owner is not null
    )::text as owners`

/**
 * Says that a worker runs and what it can keep, and reads who else does.
 *
 * @param owned the targets whose owners are asked for
 */
export async function meetWorkers(
  client: Client,
  { id, targets, blocked }: PresentWorker,
  owned: readonly string[],
  { unseen, forgetAfter }: Patience,
): Promise<Others> {
  const { rows } = await client.query({
    name: 'trifold_meet_workers',
    text: othersStatement,
    values: [id, JSON.stringify(Object.fromEntries(targets)), unseen, forgetAfter, owned, blocked],
  })
  const workers = JSON.parse(rows[0].workers) as { id: string; targets: Record<string, number> }[]
  return {
    workers: workers.map((worker) => ({ id: worker.id, targets: new Map(Object.entries(worker.targets)) })),
    owners: JSON.parse(rows[0].owners),
  }
}

/** Says that a worker has ended. */
export async function deleteWorker(client: Client, id: string): Promise<void> {
  await client.query('delete from trifold.workers where id = $1', [id])
}

/** When a worker said last that it runs. */
export interface SeenWorker {
  /** The owner of its leases: host, process, and a random part. */
  id: string
  /** Milliseconds ago. */
  seenAgo: number
  /** The longest time for which its event loop was blocked before that, in milliseconds; undefined of an earlier version. */
  blocked: number | undefined
}

/** The workers that have said that they run, and have not said that they ended. */
export async function seenWorkers(client: Client): Promise<SeenWorker[]> {
  const { rows } = await client.query(
    `select id, extract(epoch from clock_timestamp() - seen_at) * 1000 as seen_ago, blocked_ms
    from trifold.workers`,
  )
  return rows.map((row) => ({
    id: row.id,
    seenAgo: Number(row.seen_ago),
    blocked: row.blocked_ms === null ? undefined : Number(row.blocked_ms),
  }))
}
