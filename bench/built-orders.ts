import type { Targets } from '../src/read-model.ts'
import { rebuildTarget } from '../src/rebuild.ts'
import { openToolkit, type Toolkit } from '../src/toolkit.ts'
import type { BenchContext } from './bench.ts'
import type { Figure } from './figure.ts'
import { createOrders, orderConfig, settle } from './orders.ts'

/** Measures targets that are built from as many orders as the options name events; search, if there is an OpenSearch. */
export async function withBuiltOrders(
  { options, searchUrl, createDatabase }: BenchContext,
  database: string,
  inPostgres: Targets,
  measure: (toolkit: Toolkit) => Promise<Figure[]>,
): Promise<Figure[]> {
  const { pool, url } = await createDatabase(database)
  await createOrders(pool, url, options.events)
  await settle(pool)
  const targets = { ...inPostgres, ...(searchUrl && { search: {} }) }
  const toolkit = await openToolkit(orderConfig({ database: url, search: searchUrl, targets }))
  try {
    for (const materializer of toolkit.targets.values()) await rebuildTarget(materializer, 'bench')
    await settle(pool)
    return await measure(toolkit)
  } finally {
    await toolkit.close()
  }
}
