import { currentEra } from '../era.ts'

/** Counting stops here: a log that nobody has read for a week is not scanned to say so. */
const countedEvents = 100_000

/**
 * A statement: the oldest and the count of the visible events that the last window does not hold. Both branches go by the
 * index on xid; the statement's own snapshot hides what has not committed. Ids ascend with time, so that the oldest of the
 * first ones is the oldest of all.
 *
 * @param window the alias of the last window, with its `snapshot`
 */
export const notInWindows = (window: string): string => `
    select min(appended_at) as oldest, count(*) as events
    from (
      (
        select appended_at
        from trifold.outbox
        where xid >= pg_snapshot_xmax(${window}.snapshot)
          and era = ${currentEra}
        order by xid
        limit ${countedEvents}
      )
      union all
      (
        select appended_at
        from pg_snapshot_xip(${window}.snapshot) as open (xid)
        join trifold.outbox on outbox.xid = open.xid
        where outbox.era = ${currentEra}
        limit ${countedEvents}
      )
    ) as newer`
