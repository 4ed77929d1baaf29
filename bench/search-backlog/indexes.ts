import type { Client } from '@opensearch-project/opensearch'

/** Drops every index of the benchmarks. */
export async function dropIndexes(client: Client): Promise<void> {
  const { body } = await client.indices.get({ index: 'bench*' })
  for (const index of Object.keys(body)) await client.indices.delete({ index })
}
