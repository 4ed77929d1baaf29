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
    insert into trifold.workers (id, targets)
    values ($1::text, $2::jsonb)
    on conflict (id) do update
    set targets = excluded.targets, seen_at = excluded.seen_at
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
  { id, targets }: KnownWorker,
  owned: readonly string[],
  { unseen, forgetAfter }: Patience,
): Promise<Others> {
  const { rows } = await client.query({
    name: 'trifold_meet_workers',
    text: othersStatement,
    values: [id, JSON.stringify(Object.fromEntries(targets)), unseen, forgetAfter, owned],
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
