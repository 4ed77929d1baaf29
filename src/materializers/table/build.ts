import type pg from 'pg'
import { openClient } from '../../database.ts'
import { refuseValues } from '../../definition/refused-values.ts'
import { checkKey } from '../../definition.ts'
import { checkFacadeIsFree, pointNames, targetName } from '../../facade.ts'
import type { Build, BuildOptions, RangeBuild } from '../../generation/build.ts'
import type { TargetContext } from '../../materializer.ts'
import { readRelation } from '../../schema/generations.ts'
import { qualified, sqlState } from '../../sql.ts'
import { explainLongEntry } from '../long-entry.ts'
import { copyDefinition, createTable, indexTable, keyTable, tableName } from './storage.ts'

/** Builds a table: the rows come first, then key and indexes over all of them. An interrupted build leaves it empty. */
export function tableBuild(context: TargetContext, { onProgress, signal }: BuildOptions): Build {
  return {
    run: (work) => withConnection(context, work),
    check: (client) => checkFacadeIsFree(client, { schema: context.schema, name: targetName(context.target) }),
    storageOf: (number) => tableName(context, number),
    create: (client, { storage }) => createTable(client, context.definition, storage),
    async copy(client, { storage }) {
      const stop = onProgress ? reportSize(context, storage, onProgress) : () => {}
      try {
        const rows = await copyDefinition(client, context.definition, storage)
        signal?.throwIfAborted()
        await refuseValues(client, context.definition, qualified('trifold', storage))
        await keyTable(client, context, storage)
        await indexTable(client, context, storage)
        onProgress?.(rows, rows)
        return rows
      } finally {
        stop()
      }
    },
    ranges: tableRanges(context),
    publish: (client, { storage }, commit) => pointNames(client, context, storage, { alongside: commit, signal }),
  }
}

/** The key comes first: ranges follow it, and nobody copies a row twice. */
const tableRanges = (context: TargetContext): RangeBuild => ({
  begin: (client, { storage }) => keyTable(client, context, storage),
  async copy(client, { storage }, part) {
    const rows = await copyDefinition(client, context.definition, storage, part)
    await refuseValues(client, context.definition, qualified('trifold', storage), part)
    return { rows }
  },
  finish: (client, { storage }) => indexTable(client, context, storage),
  damage: async (client, generation) => (await readRelation(client, generation, false)).damage,
})

async function withConnection<T>(context: TargetContext, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await openClient(context.databaseUrl, { name: `rebuild ${context.target}` })
  try {
    return await work(client)
  } catch (error) {
    // A null (23502) or repeated (23505) key: the message should name it.
    if (['23502', '23505'].includes(sqlState(error) ?? '')) await checkKey(client, context.definition)
    await explainLongEntry(client, context, error)
    throw error
  } finally {
    await client.end()
  }
}

/** Rows written so far cannot be counted from outside the transaction; the size of the table can. */
function reportSize(
  { definition, pool }: TargetContext,
  table: string,
  onProgress: NonNullable<BuildOptions['onProgress']>,
): () => void {
  const rowBytes = 48 + definition.columns.length * 12
  const timer = setInterval(async () => {
    const { rows } = await pool
      .query('select pg_relation_size($1::regclass) as bytes', [qualified('trifold', table)])
      .catch(() => ({ rows: [] as { bytes: string }[] }))
    if (rows[0]) onProgress(Math.round(Number(rows[0].bytes) / rowBytes), undefined)
  }, 1_000)
  return () => clearInterval(timer)
}
