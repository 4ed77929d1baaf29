import type pg from 'pg'
import type { Lease } from '../lease.ts'
import type { EventFed, FedByEvents, TargetContext } from '../materializer.ts'
import { qualified } from '../sql.ts'
import { TableApply } from './table/apply.ts'
import { tableStore } from './table/store.ts'

/** Keeps a read model in a denormalized table, fed by events: rows and cursor change in one transaction. */
export const createTableMaterializer = (context: TargetContext): EventFed => ({
  ...tableStore(context),
  ...tableEvents(context),
})

function tableEvents({ definition }: TargetContext): FedByEvents {
  let applying: { client: pg.ClientBase; storage: string; apply: TableApply } | undefined

  const applyOf = (lease: Lease, client: pg.ClientBase): TableApply => {
    const { storage } = lease.generation
    if (applying?.client !== client || applying.storage !== storage) {
      applying = { client, storage, apply: new TableApply(client, definition, qualified('trifold', storage)) }
    }
    return applying.apply
  }

  return {
    fedBy: 'events',
    begin: async () => undefined, // rows and cursor are in one database: they cannot differ
    planPage: (changes, lease, client) => applyOf(lease, client).planPage(changes, lease),
    apply: (page, changes, lease, client) => applyOf(lease, client).apply(page, changes, lease),
  }
}
