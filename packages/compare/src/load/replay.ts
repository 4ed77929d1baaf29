import pg from 'pg'
import { inTransaction } from 'trifold/internal/database'
import { TrifoldError } from 'trifold/internal/errors'
import type { CommitToken, EventRegistry, Outbox } from 'trifold/internal/outbox'
import { checkPayload, type NewEvent } from 'trifold/internal/outbox/events'
import type { Operation, ReadModel } from 'trifold/internal/read-model'
import { readNewest } from 'trifold/internal/schema/outbox'
import { tooLittle } from '../failure.ts'
import type { OpenWorkload } from './workload.ts'

/** The events of one transaction of the past, to be appended again. */
export interface PastTransaction {
  events: NewEvent<EventRegistry>[]
}

/** Fewer transactions do not show how a target behaves. */
const fewest = 20

/** Events that are looked at for each transaction that is wanted: if they have more, there are fewer. */
const eventsEach = 20

/**
 * The newest transactions that the outbox still holds, oldest first.
 *
 * @param count at most so many
 * @throws COMPARE_TOO_LITTLE if they are too few, or none of them reaches the read model
 */
export async function pastTransactions(
  pool: Pick<pg.Pool, 'query'>,
  [readModel, model]: [string, ReadModel],
  count: number,
): Promise<PastTransaction[]> {
  const rows = await readNewest(pool, { transactions: count, events: count * eventsEach })
  const byXid = new Map<string, PastTransaction>()
  for (const { xid, type, aggregate, payload } of rows) {
    const past = byXid.get(xid) ?? { events: [] }
    byXid.set(xid, past)
    past.events.push({ type, aggregate, payload: JSON.parse(payload) })
  }
  const past = [...byXid.values()]
  if (past.length < fewest) {
    throw tooLittle(
      `the outbox gives ${past.length} transactions to append again, and a replay needs at least ${fewest}; give a workload (--workload FILE)`,
    )
  }
  if (past.some(({ events }) => events.some(({ type }) => model.on?.[type]))) return past
  throw tooLittle(
    `none of the newest ${rows.length} events of the outbox reaches ${readModel}; give a workload (--workload FILE)`,
  )
}

/**
 * Refuses a replay that would change what targets hold: appended again in their order, events leave every row as it was
 * only if each handler that they reach says what the row is, and not what to add to it. Handlers are pure, so they are
 * run to find out.
 *
 * @throws COMPARE_REPLAY naming read model and event; EVENT_UNKNOWN, EVENT_INVALID if an event fits its schema no more
 */
export function checkReplay(
  readModels: Record<string, ReadModel>,
  registry: EventRegistry,
  past: readonly PastTransaction[],
): void {
  for (const { type, payload } of past.flatMap(({ events }) => events)) {
    const checked = checkPayload(registry, type, payload)
    for (const [name, model] of Object.entries(readModels)) {
      if (operationsOf(model, type, checked).some(({ kind }) => kind === 'fold')) throw notIdempotent(name, type)
    }
  }
}

function operationsOf(model: ReadModel, type: string, payload: unknown): Operation[] {
  const result = model.on?.[type]?.(payload as never)
  return result === undefined ? [] : ([result].flat() as Operation[])
}

const notIdempotent = (readModel: string, type: string): TrifoldError =>
  new TrifoldError(
    'COMPARE_REPLAY',
    `compare: ${type} cannot be appended again, because ${readModel} folds it: the event would be counted twice; ` +
      'give a workload (--workload FILE), which writes as the application does',
  )

/**
 * A workload that appends past transactions again in their order, and begins again at the end. A row is as it was once the
 * last of a round is appended, so `close` appends what is left of the round at once.
 */
export function replayWorkload(
  databaseUrl: string,
  outbox: Outbox<EventRegistry>,
  past: readonly PastTransaction[],
): OpenWorkload {
  // One connection: what is appended in order commits in order.
  const pool = new pg.Pool({ connectionString: databaseUrl, application_name: 'trifold compare replay', max: 1 })
  pool.on('error', () => {}) // the next transaction says it
  let next = 0
  let turn: Promise<unknown> = Promise.resolve()
  const append = (events: NewEvent<EventRegistry>[]): Promise<CommitToken> => {
    const appended = turn.then(() => inOneTransaction(pool, outbox, events))
    turn = appended.catch(() => {})
    return appended
  }
  return {
    transaction: () => append((past[next++ % past.length] as PastTransaction).events),
    async close() {
      const left = next % past.length === 0 ? [] : past.slice(next % past.length).flatMap(({ events }) => events)
      await (left.length > 0 ? append(left) : turn).finally(() => pool.end())
    },
  }
}

async function inOneTransaction(
  pool: pg.Pool,
  outbox: Outbox<EventRegistry>,
  events: NewEvent<EventRegistry>[],
): Promise<CommitToken> {
  const client = await pool.connect()
  try {
    return await inTransaction(client, () => outbox.append(client, events))
  } finally {
    client.release()
  }
}
