import type { ResolvedConfig } from '../config.ts'

/** Drops every index of the configuration's prefix. */
export async function dropIndexes({
  search,
  indexPrefix,
}: Pick<ResolvedConfig, 'search' | 'indexPrefix'>): Promise<void> {
  if (!search) return
  const { openSearchClient } = await import('../opensearch/client.ts')
  const client = openSearchClient(search)
  try {
    const { body } = await client.indices.get({ index: `${indexPrefix}*` })
    for (const index of Object.keys(body)) await client.indices.delete({ index })
  } finally {
    await client.close()
  }
}
