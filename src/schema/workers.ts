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

/** Says that a worker runs. Workers that were not seen for `forgetAfter` milliseconds are forgotten. */
export async function recordWorker(client: Client, { id, targets }: KnownWorker, forgetAfter: number): Promise<void> {
  await client.query({
    name: 'trifold_record_worker',
    text: `
      with forgotten as (
        delete from trifold.workers
        where id <> $1::text
          and seen_at < clock_timestamp() - $3::bigint * interval '1 millisecond'
      )
      insert into trifold.workers (id, targets)
      values ($1::text, $2::jsonb)
      on conflict (id) do update
      set targets = excluded.targets, seen_at = excluded.seen_at`,
    values: [id, JSON.stringify(Object.fromEntries(targets)), forgetAfter],
  })
}

/** The workers that were seen within so many milliseconds, by id. */
export async function readWorkers(client: Client, within: number): Promise<KnownWorker[]> {
  const { rows } = await client.query({
    name: 'trifold_workers',
    text: `
      select id, targets::text as targets
      from trifold.workers
      where seen_at > clock_timestamp() - $1::bigint * interval '1 millisecond'
      order by id`,
    values: [within],
  })
  return rows.map(({ id, targets }) => ({ id, targets: new Map(Object.entries(JSON.parse(targets))) }))
}

/** Who has the leases of these targets: nobody, if a target is not in the list. */
export async function readOwners(client: Client, targets: readonly string[]): Promise<Owner[]> {
  const { rows } = await client.query({
    name: 'trifold_owners',
    text: `
      select generation.target, owner, backend.pid is null as gone
      from trifold.generations as generation
      join trifold.consumers on generation_id = generation.id
      left join pg_stat_activity as backend
        on backend.pid = backend_pid
        and backend.backend_start = consumers.backend_start
      where generation.state = 'serving'
        and generation.target = any ($1::text[])
        and owner is not null
      order by generation.target`,
    values: [targets],
  })
  return rows.map(({ target, owner, gone }) => ({ target, owner, isGone: gone === 't' || gone === true }))
}

/** Says that a worker has ended. */
export async function deleteWorker(client: Client, id: string): Promise<void> {
  await client.query('delete from trifold.workers where id = $1', [id])
}
