// Wrong designs, each of which looks right and loses, doubles, delays or disorders events. The tests must catch every one.

import type pg from 'pg'
import { openClient } from '../../src/database.ts'
import type { Delivered, Design } from './design.ts'
import type { scenarios } from './scenarios.ts'
import { windowed } from './windowed.ts'

/** A design of readers that each ask the log by themselves: `ask` returns the events and the place after them. */
function polled<Place>(
  name: string,
  start: Place,
  ask: (client: pg.Client, place: Place, limit: number) => Promise<{ events: Delivered[]; place: Place }>,
): Design<Place> {
  return {
    name,
    start,
    async open(databaseUrl) {
      const client = await openClient(databaseUrl, { name: 'reader' })
      return {
        async tick() {},
        async read(place, limit) {
          const page = await ask(client, place, limit)
          return page.events.length === 0 ? undefined : page
        },
        close: () => client.end(),
      }
    },
  }
}

interface Count {
  position: number
  ordinal: number
}

async function rowsAfter(client: pg.Client, place: Count, limit: number): Promise<Delivered[]> {
  const { rows } = await client.query(
    'select position, payload::text from trifold.outbox where position > $1 order by position limit $2',
    [place.position, limit],
  )
  return rows.map((row, index) => ({
    position: Number(row.position),
    payload: row.payload,
    ordinal: place.ordinal + index + 1,
  }))
}

const countOf = (place: Count, events: Delivered[]): Count => events.at(-1) ?? place

/** Everything above the last position: what commits later with a lower one is never seen. */
const afterLastPosition = polled<Count>(
  'position > last',
  { position: 0, ordinal: 0 },
  async (client, place, limit) => {
    const events = await rowsAfter(client, place, limit)
    return { events, place: countOf(place, events) }
  },
)

/** The same, but a gap in the positions is waited for, so many looks long. */
function waitsForGaps(patience: number): Design<Count> {
  const seen = new Map<number, number>()
  return polled<Count>('waiting so long for gaps', { position: 0, ordinal: 0 }, async (client, place, limit) => {
    const events = await rowsAfter(client, place, limit)
    const fresh = events.findIndex(({ position }, index) => {
      const expected = (events[index - 1]?.position ?? place.position) + 1
      if (position === expected) return false
      const looks = (seen.get(expected) ?? 0) + 1
      seen.set(expected, looks)
      return looks <= patience
    })
    const safe = fresh < 0 ? events : events.slice(0, fresh)
    return { events: safe, place: countOf(place, safe) }
  })
}

interface OwnWindow {
  snapshot: string | undefined
  ordinal: number
}

/** Each reader makes windows of its own and counts what it gets: right for one reader, different for the next. */
const numbersPerReader = polled<OwnWindow>(
  'numbers per reader',
  { snapshot: undefined, ordinal: 0 },
  async (client, place) => {
    const { rows } = await client.query(
      `select pg_current_snapshot()::text as now, position, payload::text
      from (values (1)) as one
      left join trifold.outbox on not pg_visible_in_snapshot(xid, coalesce($1, '1:1:')::pg_snapshot)
      order by position`,
      [place.snapshot],
    )
    const events = rows
      .filter((row) => row.position !== null)
      .map((row, index) => ({
        position: Number(row.position),
        payload: row.payload,
        ordinal: place.ordinal + index + 1,
      }))
    return { events, place: { snapshot: rows[0].now, ordinal: place.ordinal + events.length } }
  },
)

/** The wrong designs, each with the scenario that must catch it. */
export const mutants: { design: Design; caughtBy: keyof typeof scenarios }[] = [
  { design: afterLastPosition, caughtBy: 'held' },
  { design: waitsForGaps(10), caughtBy: 'held' },
  { design: numbersPerReader, caughtBy: 'held' },
  { design: windowed('xid < xmin of the current snapshot', { waitsForTheOldest: true }), caughtBy: 'refreshing' },
  { design: windowed('order by xid, position', { ordersByXid: true }), caughtBy: 'earlyId' },
  { design: windowed('a remembered position bound', { remembersPosition: true }), caughtBy: 'hole' },
  {
    design: windowed('a snapshot taken before the last window was read', { takesSnapshotFirst: true }),
    caughtBy: 'heldUp',
  },
  { design: windowed('an id taken at insert', { takesIdAtInsert: true }), caughtBy: 'overtaken' },
  { design: windowed("the loser's rows handed on", { handsOnWhenLost: true }), caughtBy: 'race' },
  { design: windowed('rows handed on before their window is stored', { handsOnBeforeStore: true }), caughtBy: 'dying' },
]
