import { copyFile, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ResolvedConfig, resolveConfig } from '../../src/config.ts'
import { orderEvents, orderModel } from '../orders.ts'

/** A folder with the same definition under many names. The caller removes it. */
export async function writeDefinitions(count: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'trifold-bench-'))
  for (const name of namesOf(count))
    await copyFile('bench/views/order_summary_v01.sql', join(folder, `${name}_v01.sql`))
  return folder
}

/** As many read models, all of the same orders, each a table. */
export function manyConfig(database: string, views: string, count: number): ResolvedConfig {
  const model = { ...orderModel, targets: { table: {} } }
  const readModels = Object.fromEntries(namesOf(count).map((name) => [name, model]))
  return resolveConfig({ database, views, events: orderEvents, readModels } as never, process.cwd())
}

const namesOf = (count: number): string[] => Array.from({ length: count }, (_, place) => `order_summary_${place}`)
