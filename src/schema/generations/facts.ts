import { lockHeld, sizeUnlessLocked, utcText } from '../../sql.ts'
import { detachmentState } from '../detachments.ts'
import { typicalRefresh } from '../refreshes.ts'
import { troubleOf } from '../troubles.ts'
import { oldestAfter } from '../windows.ts'
import { isWarm } from './warm.ts'

/** What is recorded of the targets `$1`, beside how fresh they are. */
export const factsStatement = `
  select
    asked.target,
    generation.number as generation,
    generation.reason,
    generation.definition_version,
    generation.definition_hash,
    generation.columns,
    generation.resolution,
    generation.settings,
    ${utcText('generation.built_at')} as built_at,
    ${utcText('generation.served_at')} as served_at,
    ${lockHeld(`'trifold rebuild ' || asked.target`)} as rebuilding,
    ${lockHeld(`'trifold refresh ' || asked.target`)} as refreshing,
    ${detachmentState('asked.target')} as detachment,
    ${lockHeld(`'trifold detach ' || split_part(asked.target, '@', 1)`)} as detaching,
    consumer.era,
    consumer.epoch,
    consumer.window_id,
    consumer.ordinal,
    consumer.handlers_version,
    consumer.owner,
    consumer.failure,
    warm.number as warm_number,
    ${utcText('warm.warm_until')} as warm_until,
    warm.bytes as warm_bytes,
    warm.lag_milliseconds as warm_lag,
    (
      select count(*)
      from trifold.parked
      where generation_id = generation.id
    ) as parked_events,
    (
      select count(distinct key)
      from trifold.suspect_keys
      where generation_id = generation.id
    ) as suspect_keys,
    exists (
      select
      from trifold.suspect_keys
      where generation_id = generation.id
        and key is null
    ) as all_suspect,
    ${utcText("nullif(consumer.lease_until, '-infinity')")} as lease_until,
    ${utcText('consumer.applied_at')} as applied_at,
    consumer.lease_until > clock_timestamp() and session.is_open as held,
    session.is_open as connected,
    (
      select newest.failure
      from trifold.generations as newest
      where newest.target = asked.target
        and not exists (
          select
          from trifold.generations as other
          where other.target = asked.target
            and (other.number > newest.number or other.served_at > newest.created_at)
        )
    ) as build_failure,
    ${troubleOf('asked.target')} as trouble,
    refresh.cause as refresh_cause,
    refresh.mode as refresh_mode,
    refresh.outcome as refresh_outcome,
    refresh.error as refresh_error,
    refresh.code as refresh_code,
    refresh.sqlstate as refresh_sqlstate,
    refresh.attempt as refresh_attempt,
    ${utcText('refresh.started_at')} as refresh_started_at,
    ${utcText('refresh.finished_at')} as refresh_finished_at,
    extract(epoch from refresh.finished_at - refresh.started_at) * 1000 as refresh_milliseconds,
    refresh.row_count as refresh_rows,
    typical.milliseconds as typical_milliseconds
  from unnest($1::text[]) as asked (target)
  left join trifold.generations as generation on generation.target = asked.target and generation.state = 'serving'
  left join trifold.consumers as consumer on consumer.generation_id = generation.id
  cross join lateral (
    select exists (
      select
      from pg_stat_activity
      where pid = consumer.backend_pid
        and backend_start = consumer.backend_start
    ) as is_open
  ) as session
  left join lateral (
    select
      number,
      warm_until,
      ${sizeUnlessLocked("to_regclass('trifold.' || quote_ident(storage))")} as bytes,
      case
        when position is null and not exists (${oldestAfter('window_id')}) then 0
        else extract(epoch from clock_timestamp() - (select taken_at from trifold.windows where id = window_id)) * 1000
      end as lag_milliseconds
    from trifold.generations
    join trifold.consumers on generation_id = id
    where generations.target = asked.target
      and state = 'retired'
      and ${isWarm}
    order by number desc
    limit 1
  ) as warm on true
  left join lateral (
    select *
    from trifold.refreshes
    where target = asked.target
      and outcome <> 'skipped'
      and mode in ('concurrently', 'blocking')
    order by started_at desc
    limit 1
  ) as refresh on true
  left join lateral (${typicalRefresh('asked.target')}
  ) as typical on true`
