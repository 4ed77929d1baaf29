import type pg from 'pg'
import { TrifoldError } from '../errors.ts'
import { lastOrdinal, type Window } from '../feed.ts'
import type { Generation } from '../generation.ts'
import type { Lease } from '../lease.ts'
import { leaseMilliseconds } from './time.ts'

/** The epoch of a build: below that of every consumer. */
export const buildEpoch = 1

/**
 * Creates the cursor of a generation that was built at a snapshot: it starts behind the last window before it. Events
 * that the snapshot shows are dropped when they come.
 */
export async function beginConsumer(
  client: pg.ClientBase,
  generation: Pick<Generation, 'id'>,
  window: Window,
  handlersVersion: number,
): Promise<void> {
  await client.query(
    `insert into trifold.consumers (generation_id, era, window_id, ordinal, epoch, handlers_version)
    values ($1, $2, $3, $4, $5, $6)`,
    [generation.id, window.era, window.id, lastOrdinal(window), buildEpoch, handlersVersion],
  )
}

/**
 * Ends the consumer of the generation that is replaced, inside the transaction that serves the next one: its epoch is
 * raised, so that nobody moves its cursor any more. A process that is frozen in the transaction keeps the rows locked for
 * half a lease at most.
 *
 * @param before the generation that served when the rebuild began
 * @throws LEASE_LOST if another one serves now, or `lease` is given and no longer held
 */
export async function endConsumer(
  client: pg.ClientBase,
  target: string,
  before: Pick<Generation, 'id'> | undefined,
  lease?: Lease,
): Promise<void> {
  await client.query(`select set_config('idle_in_transaction_session_timeout', $1, true)`, [
    String(leaseMilliseconds / 2),
  ])
  const { rows } = await client.query(
    `select id
    from trifold.generations
    where target = $1
      and state = 'serving'
    for update`,
    [target],
  )
  if (rows[0]?.id !== before?.id) throw overtaken(target, 'another generation was served')
  if (!before) return
  const { rowCount } = await client.query(
    `update trifold.consumers
    set epoch = epoch + 1, version = version + 1
    where generation_id = $1
      and epoch = coalesce($2::bigint, epoch)`,
    [before.id, lease?.epoch ?? null],
  )
  if (rowCount === 0 && lease) throw overtaken(target, 'another worker took its lease')
}

/**
 * Looks whether {@link endConsumer} would refuse, before something is done that it cannot take back.
 *
 * @throws LEASE_LOST
 */
export async function refuseOvertaken(
  client: pg.ClientBase,
  target: string,
  before: Pick<Generation, 'id'> | undefined,
  lease?: Lease,
): Promise<void> {
  const serving = await client.query(
    `select id, consumers.epoch
    from trifold.generations
    left join trifold.consumers on generation_id = id
    where target = $1
      and state = 'serving'`,
    [target],
  )
  const [row] = serving.rows
  if (row?.id !== before?.id) throw overtaken(target, 'another generation was served')
  if (lease && Number(row?.epoch) !== lease.epoch) throw overtaken(target, 'another worker took its lease')
}

const overtaken = (target: string, what: string): TrifoldError =>
  new TrifoldError('LEASE_LOST', `rebuild: discarded the new generation of ${target}: ${what} meanwhile`)
