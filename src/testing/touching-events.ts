import type { Row } from '../encoding.ts'
import type { FeedEvent } from '../feed.ts'
import type { Changes, KeyedOperation } from '../net-change/operations.ts'
import { readAggregates } from '../schema/outbox.ts'
import type { KitTarget } from './kit-target.ts'

/** An event whose handler named a key. */
export interface TouchingEvent {
  /** Its place in the order of delivery. */
  ordinal: number
  type: string
  aggregate: string
  payload: unknown
  /** What the handler returned for the key: `patch status, total`. */
  operations: string[]
}

interface Touch {
  event: FeedEvent
  operations: string[]
}

const pageSize = 1_000

/**
 * Finds the events since the build of a target that touched some keys, by running their handlers once more.
 *
 * @param keys key texts, each with the rows that it has: a `recomputeWhere` touches what they fit
 * @returns the events of each key in order of delivery
 */
export async function touchingEvents(
  target: KitTarget,
  keys: ReadonlyMap<string, readonly Row[]>,
): Promise<Map<string, TouchingEvent[]>> {
  const touches = await touchesOf(target, keys)
  const aggregates = await readAggregates(
    target.driver.client,
    [...touches.values()].flat().map(({ event }) => event.position),
  )
  const shown = ({ event, operations }: Touch): TouchingEvent => ({
    ordinal: event.ordinal,
    type: event.type,
    aggregate: aggregates.get(event.position) as string,
    payload: JSON.parse(event.payload),
    operations,
  })
  return new Map([...touches].map(([key, found]) => [key, found.map(shown)]))
}

async function touchesOf(target: KitTarget, keys: ReadonlyMap<string, readonly Row[]>): Promise<Map<string, Touch[]>> {
  const touches = new Map<string, Touch[]>()
  for await (const event of eventsSinceBuild(target)) {
    const changes: Changes = { byKey: new Map(), wheres: [] }
    await target.driver.projector.addChanges(changes, [event], target.lease)
    for (const [key, rows] of keys) {
      const operations = operationsOn(key, rows, changes)
      if (operations.length > 0) touches.set(key, [...(touches.get(key) ?? []), { event, operations }])
    }
  }
  return touches
}

async function* eventsSinceBuild({ driver, start }: KitTarget): AsyncGenerator<FeedEvent> {
  for (let cursor = start; ; ) {
    const page = await driver.feed.read(cursor, pageSize)
    if (!page) return
    yield* page.events
    cursor = page.end
  }
}

function operationsOn(key: string, rows: readonly Row[], { byKey, wheres }: Changes): string[] {
  const operations = (byKey.get(key)?.operations ?? []).map(named)
  const fitting = wheres.filter(({ where }) => rows.some((row) => fits(row, where)))
  return [...operations, ...fitting.map(({ where }) => `recomputeWhere ${JSON.stringify(where)}`)]
}

const fits = (row: Row, where: Row): boolean => Object.entries(where).every(([name, value]) => row[name] === value)

const named = (operation: KeyedOperation): string =>
  operation.kind === 'patch' ? `patch ${Object.keys(operation.columns).join(', ')}` : operation.kind
