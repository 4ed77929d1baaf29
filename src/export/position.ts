import type pg from 'pg'
import { Projector } from '../consumer/projector.ts'
import { openClient } from '../database.ts'
import { refuseDetached } from '../detachment.ts'
import { isTrifoldError, TrifoldError } from '../errors.ts'
import type { EventFed, FrozenRows, Materializer, Scheduled, TargetContext } from '../materializer.ts'
import type { EventRegistry } from '../outbox.ts'
import { pause } from '../pause.ts'
import { type Generation, lastRefreshed, servingGeneration } from '../schema/generations.ts'
import { qualified, sqlState, utcText } from '../sql.ts'
import type { Ahead } from '../verify/ahead.ts'
import { never } from '../verify/extent.ts'
import { sittingInTime } from '../verify/sitting-in-time.ts'
import { noStandIns, type StandIns, standInsOf } from './stand-ins.ts'

/** The rows of a target at one snapshot, however it is written meanwhile. */
export interface Position {
  /** In a REPEATABLE READ transaction. */
  client: pg.ClientBase
  generation: Generation
  /** As PostgreSQL writes it. */
  snapshot: string
  /** When it was taken, or a moment earlier: ISO 8601 in UTC, by the database's clock. */
  asOf: string
  /** Whether rows may lack a parked event whose keys nobody knows. */
  degraded: boolean
  standIns: StandIns
  /** The rows of a store outside of PostgreSQL. */
  frozen: FrozenRows | undefined
  ahead: Ahead | undefined
  /** Ends the transaction and gives the point in time back. */
  close(): Promise<void>
}

const patience = 60_000
const tryAgainAfter = 100

/**
 * Opens a position: of a view as of its last refresh, of a target that events feed as of now.
 *
 * @throws EXPORT_IMPOSSIBLE, TARGET_STOPPED, TARGET_DETACHED
 */
export async function openPosition(
  materializer: Materializer,
  events: EventRegistry,
  signal: AbortSignal = never,
): Promise<Position> {
  const { context } = materializer
  const deadline = performance.now() + patience
  for (;;) {
    const position =
      materializer.fedBy === 'schedule'
        ? await refreshedPosition(materializer)
        : await fedPosition(materializer, events, signal)
    if (position) return position
    if (performance.now() > deadline) throw impossible(context.target, 'changes too much at once; export it again')
    await pause(tryAgainAfter, signal)
    signal.throwIfAborted()
  }
}

/** Undefined if another generation or refresh came in between. */
async function refreshedPosition({ context }: Scheduled): Promise<Position | undefined> {
  const { target, pool, databaseUrl } = context
  const client = await openClient(databaseUrl, {
    name: `export ${target}`,
    settings: { idle_in_transaction_session_timeout: '0', lock_timeout: '5000' },
  })
  const close = () => client.end()
  try {
    await client.query('begin isolation level repeatable read')
    const generation = await servingGeneration(client, target)
    const refreshed = await lastRefreshed(client, target)
    if (!generation || !refreshed?.snapshot || !refreshed.at) throw neverBuilt(context)
    // From here nobody drops it or writes it again from its beginning.
    await client.query(`select from ${qualified('trifold', generation.storage)} limit 0`)
    const { snapshot, at: asOf } = refreshed
    const isLast = (await servingGeneration(pool, target))?.id === generation.id
    if (isLast && (await lastRefreshed(pool, target))?.snapshot === snapshot)
      return { client, generation, snapshot, asOf, degraded: false, ...unfed, close }
  } catch (error) {
    await close()
    if (sqlState(error) === undefinedTable) return undefined
    throw error
  }
  await close()
  return undefined
}

const undefinedTable = '42P01'
const unfed = { standIns: noStandIns, frozen: undefined, ahead: undefined }

/** Undefined if events change too many keys at once. */
async function fedPosition(
  materializer: EventFed,
  events: EventRegistry,
  signal: AbortSignal,
): Promise<Position | undefined> {
  const { definition, model, target, pool } = materializer.context
  await refuseDetached(pool, 'export', target)
  const projector = new Projector(definition, model, events)
  const sitting = await sittingInTime(materializer, projector, { signal, patience }).catch((error) => {
    throw isTrifoldError(error, 'VERIFY_IMPOSSIBLE') ? asExport(error) : error
  })
  try {
    const { client, generation, snapshot, suspects, frozen, ahead, close } = sitting
    const { rows } = await client.query(`select ${utcText('transaction_timestamp()')} as "asOf"`)
    const standIns = await standInsOf(definition, sitting)
    if (standIns) {
      const facts = { snapshot: snapshot.text, asOf: rows[0].asOf, degraded: suspects.all }
      return { client, generation, ...facts, standIns, frozen, ahead, close }
    }
  } catch (error) {
    await sitting.close()
    throw error
  }
  await sitting.close()
  return undefined
}

const asExport = (error: TrifoldError): TrifoldError =>
  new TrifoldError('EXPORT_IMPOSSIBLE', error.message.replace('verify:', 'export:'), { cause: error })

const impossible = (target: string, fault: string): TrifoldError =>
  new TrifoldError('EXPORT_IMPOSSIBLE', `export: ${target} ${fault}`)

const neverBuilt = ({ target }: TargetContext): TrifoldError =>
  impossible(target, `was never built; start \`trifold worker\`, or run \`trifold rebuild ${target}\``)
