import type pg from 'pg'
import type { Failure, Leased } from './lease.ts'

/** A page that is tried after an unclean end, noted before its handlers run. */
export interface Attempt {
  /** Ordinal and position of its first event. */
  ordinal: number
  position: number
  events: number
  /** How often this page was tried, if it has one event. */
  tries: number
}

/** Notes the page that is tried next; moving the cursor behind it, or giving the lease back, clears the note. */
export async function recordAttempt(client: pg.ClientBase, lease: Leased, attempt: Attempt): Promise<void> {
  await client.query({
    name: 'trifold_record_attempt',
    text: `
      update trifold.consumers
      set attempt = $3::jsonb
      where generation_id = $1::bigint
        and epoch = $2::bigint`,
    values: [lease.generation.id, lease.epoch, JSON.stringify(attempt)],
  })
}

/**
 * A statement: stops a target at an event that ended its process, or that will have in a moment. It takes the lease away,
 * so that nothing that is still on its way moves the cursor and clears the failure. It returns the failure, or no row if
 * the epoch has moved on. Parameters: `$1` the generation, `$2` the epoch, `$3` and `$4` ordinal and position of the event,
 * `$5` the code of the error, `$6` what the handler did.
 */
export const stopAtEvent = `
  with event as (
    select position, type, aggregate
    from trifold.outbox
    where position = $4::bigint
  )
  update trifold.consumers
  set
    epoch = epoch + 1,
    version = version + 1,
    lease_until = '-infinity',
    owner = null,
    backend_pid = null,
    backend_start = null,
    attempt = null,
    failure = jsonb_build_object(
      'code', $5::text,
      'message', format(
        'consumer: the handler of %s for %s %s at event %s (position %s, %s); correct it and raise \`version\` of the read model, or run \`trifold target resume %s\`',
        split_part(generations.target, '@', 1), event.type, $6::text, $3::bigint, event.position, event.aggregate, generations.target
      ),
      'target', generations.target,
      'type', event.type,
      'aggregate', event.aggregate,
      'ordinal', $3::bigint,
      'position', event.position,
      'handlersVersion', handlers_version,
      'at', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    )
  from trifold.generations, event
  where generations.id = generation_id
    and generation_id = $1::bigint
    and epoch = $2::bigint
  returning consumers.failure`

/** Whether a failure was recorded by {@link stopAtEvent}. If events are parked, the next session parks this one. */
export const endedProcess = ({ code }: Pick<Failure, 'code'>): boolean =>
  code === 'PROCESS_ENDED' || code === 'HANDLER_BLOCKED'

/**
 * A statement: ends the backend of an owner, whose locks would keep {@link stopAtEvent} waiting. Parameters: `$1` the
 * generation, `$2` the epoch.
 */
export const endOwner = `
  select pg_terminate_backend(backend.pid, 1000)
  from trifold.consumers
  join pg_stat_activity as backend
    on backend.pid = backend_pid
    and backend.backend_start = consumers.backend_start
  where generation_id = $1::bigint
    and epoch = $2::bigint`
