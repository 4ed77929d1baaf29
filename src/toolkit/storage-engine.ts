import type pg from 'pg'
import type { ResolvedConfig } from '../config.ts'
import { dropRelation } from '../generation/relation.ts'
import { parseTarget } from '../target.ts'
import { searchAddress } from './targets.ts'

/** Where the storages of a target are, for a target that need not be open. */
export interface StorageEngine {
  /** @returns false if the storage is in use */
  drop(client: pg.ClientBase, storage: string): Promise<boolean>
  close(): Promise<void>
}

/** @throws SEARCH_NOT_CONFIGURED */
export async function storageEngine(config: ResolvedConfig, target: string): Promise<StorageEngine> {
  const { materializer } = parseTarget(target)
  if (materializer !== 'search') return { drop: dropRelation, close: async () => {} }
  const { openSearchClient } = await import('../opensearch/client.ts')
  const { dropOwnIndex } = await import('../materializers/search/owner.ts')
  const engine = openSearchClient(searchAddress(config, target))
  return {
    drop: (client, storage) => dropOwnIndex(engine, client, storage).then(() => true),
    close: () => engine.close(),
  }
}
