import { rebuildTarget } from '../../src/rebuild.ts'
import { openToolkit } from '../../src/toolkit.ts'
import type { BenchDatabase } from '../database.ts'
import { createOrders, type OrderSetup, orderConfig, settle } from '../orders.ts'

/** Makes orders and builds all targets of them, on a database that has settled then. */
export async function prepare(database: BenchDatabase, setup: OrderSetup, orders: number): Promise<void> {
  await createOrders(database.pool, database.url, orders)
  await buildTargets(setup)
  await settle(database.pool)
}

/** Builds all targets of the orders that are there. */
export async function buildTargets(setup: OrderSetup): Promise<void> {
  const toolkit = await openToolkit(orderConfig(setup))
  try {
    for (const target of toolkit.targets.values()) await rebuildTarget(target, 'bench')
  } finally {
    await toolkit.close()
  }
}
