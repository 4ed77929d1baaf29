import type pg from 'pg'
import { inTransaction, openClient } from '../../database.ts'
import { checkKey } from '../../definition.ts'
import { checkFacadeIsFree, pointNames, targetName } from '../../facade.ts'
import { faultPoint } from '../../fault.ts'
import { currentSnapshot } from '../../feed/snapshot.ts'
import { lastWindow } from '../../feed/window.ts'
import { dropRelation } from '../../generation/drop-relation.ts'
import {
  beginGeneration,
  completeFill,
  dropRetired,
  type Generation,
  serveGeneration,
  servingGeneration,
} from '../../generation.ts'
import { beginConsumer, endConsumer } from '../../lease/consumer-row.ts'
import { noIdleTransactions } from '../../lease/time.ts'
import type { Lease } from '../../lease.ts'
import type { FillOptions, TargetContext } from '../../materializer.ts'
import { type Standing, standing, takeOver } from '../../rebuild/cut-over.ts'
import { qualified, sqlState } from '../../sql.ts'
import { copyDefinition, createTable, indexTable, tableName } from './storage.ts'

/**
 * Builds the next generation of a table at one snapshot: rows, snapshot and cursor commit together, then the names are
 * pointed at it. An interrupted fill leaves an empty table, which the next one drops.
 */
export async function fillTable(context: TargetContext, options: FillOptions, lease?: Lease): Promise<Generation> {
  const client = await openClient(context.databaseUrl, { name: `fill ${context.target}`, settings: noIdleTransactions })
  try {
    await checkFacadeIsFree(client, { schema: context.schema, name: targetName(context.target) })
    await dropRetired(client, context.target, (table) => dropRelation(client, 'table', table))
    const before = await standing(client, context.target)
    const begun = await beginGeneration(client, context.target, context.definition, options.reason, (number) =>
      tableName(context, number),
    )
    await createTable(client, context.definition, begun.storage)
    await faultPoint('fill:created')
    const stop = reportSize(context, begun, options)
    const generation = await atOneSnapshot(client, context, begun, options).finally(stop)
    await faultPoint('fill:written')
    await takeOver(client, { before, lease }, options.catchUp?.(generation), (held) =>
      serve(client, context, generation, before, held),
    )
    await faultPoint('fill:served')
    await dropRetired(client, context.target, (table) => dropRelation(client, 'table', table))
    return (await servingGeneration(client, context.target)) ?? generation
  } finally {
    await client.end()
  }
}

async function atOneSnapshot(
  client: pg.ClientBase,
  context: TargetContext,
  generation: Generation,
  options: FillOptions,
): Promise<Generation> {
  try {
    return await inTransaction(
      client,
      async () => {
        const snapshot = await currentSnapshot(client)
        const window = await lastWindow(client)
        const count = await copyDefinition(client, context.definition, generation.storage)
        options.signal?.throwIfAborted()
        await indexTable(client, context, generation.storage)
        await beginConsumer(client, generation, window, context.model.version ?? 1)
        options.onProgress?.(count, count)
        return completeFill(client, generation, { snapshot, window, rows: count })
      },
      'repeatable read',
    )
  } catch (error) {
    // A null (23502) or repeated (23505) key: the message should name it.
    if (['23502', '23505'].includes(sqlState(error) ?? '')) await checkKey(client, context.definition)
    throw error
  }
}

async function serve(
  client: pg.ClientBase,
  context: TargetContext,
  generation: Generation,
  before: Standing | undefined,
  lease: Lease | undefined,
): Promise<void> {
  await pointNames(client, context, generation.storage, {
    alongside: async () => {
      await endConsumer(client, context.target, before?.generation, lease)
      await serveGeneration(client, generation)
      await faultPoint('fill:named')
    },
  })
}

/** Rows written so far cannot be counted from outside the transaction; the size of the table can. */
function reportSize(context: TargetContext, generation: Generation, options: FillOptions): () => void {
  if (!options.onProgress) return () => {}
  const rowBytes = 48 + context.definition.columns.length * 12
  const timer = setInterval(async () => {
    const { rows } = await context.pool
      .query('select pg_relation_size($1::regclass) as bytes', [qualified('trifold', generation.storage)])
      .catch(() => ({ rows: [] as { bytes: string }[] }))
    if (rows[0]) options.onProgress?.(Math.round(Number(rows[0].bytes) / rowBytes), undefined)
  }, 1_000)
  return () => clearInterval(timer)
}
