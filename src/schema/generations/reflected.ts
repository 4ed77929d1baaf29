import { detachedSince } from '../detachments.ts'

/**
 * A common table expression `asked`: what is recorded of the targets `$1`; `$2` is their `showsApplied`. `shown_window` is
 * the last window of which readers see everything, so one before that of a parked event whose keys are still suspect; null if
 * the target has no cursor.
 */
export const askedTargets = `
  asked as (
    select
      wanted.target,
      wanted.place,
      generation.id as generation_id,
      generation.created_at,
      generation.build_snapshot,
      generation.snapshot,
      generation.snapshot_at,
      consumer.window_id,
      consumer.position,
      consumer.ordinal,
      consumer.failure,
      ${detachedSince('wanted.target')} as detached_since,
      least(
        case
          when wanted.shows_applied then consumer.window_id
          else coalesce(consumer.searchable_window, generation.build_window)
        end,
        (
          select min(parked.window_id) - 1
          from trifold.suspect_keys
          join trifold.parked on parked.id = parked_id
          where suspect_keys.generation_id = generation.id
        )
      ) as shown_window
    from unnest($1::text[], $2::boolean[]) with ordinality as wanted (target, shows_applied, place)
    left join trifold.generations as generation on generation.target = wanted.target and generation.state = 'serving'
    left join trifold.consumers as consumer on consumer.generation_id = generation.id
  )`

/**
 * Common table expressions that end with `reflected (target, snapshot, taken_at)`: the snapshots of an era that each target
 * of {@link askedTargets} reflects. A target shows a transaction if one of its snapshots does; `taken_at` is the time of
 * the snapshot or earlier. Snapshots compare only inside an era: those of windows and of the head name theirs, the others
 * have to be younger than the era.
 *
 * - a refresh records the snapshot at which it ran
 * - a rebuild holds what its snapshot shows
 * - a cursor holds every window up to the one that is shown
 * - the head says that nothing followed its window up to a later snapshot, so a target that shows all of that window
 *   reflects the head, unless a part of the next one is applied already
 *
 * @param era an SQL expression
 */
export const reflectedBy = (era: string): string => `
  era as (
    select era, began_at
    from trifold.history
    where era = ${era}
  ),
  reflected (target, snapshot, taken_at) as (
    select target, snapshot, snapshot_at
    from asked
    cross join era
    where snapshot_at >= began_at
    union all
    select target, build_snapshot, created_at
    from asked
    cross join era
    where build_snapshot is not null
      and created_at >= began_at
    union all
    select target, windows.snapshot, windows.taken_at
    from asked
    cross join era
    join trifold.windows on windows.id = asked.shown_window and windows.era = era.era
    union all
    select target, head.snapshot, head.taken_at
    from asked
    cross join era
    join trifold.head on head.window_id = asked.shown_window and head.era = era.era
    where asked.shown_window = asked.window_id
      and asked.position is null
  )`
