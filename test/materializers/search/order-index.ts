import type { Client } from '@opensearch-project/opensearch'
import type { DocumentWrite } from '../../../src/materializers/search/bulk.ts'
import { createIndex } from '../../../src/materializers/search/index-admin.ts'
import { type IndexNames, indexNames } from '../../../src/materializers/search/index-names.ts'
import { indexBody } from '../../../src/materializers/search/mapping.ts'
import { searchedColumns } from '../../../src/read-model/text-column.ts'
import type { TestSearch } from '../../support/search.ts'

export const orderColumns = [
  { name: 'order_id', mapping: { type: 'long' } },
  { name: 'status', mapping: { type: 'keyword' } },
  { name: 'number', mapping: { type: 'keyword' } },
  { name: 'total', mapping: { type: 'double' } },
]

let readModels = 0

/** Names of a read model that no other test uses. */
export function newNames(search: TestSearch): IndexNames {
  readModels += 1
  return indexNames(search.prefix, `orders_${readModels}`)
}

/** Creates an index of orders of its own and returns its name. */
export async function createOrderIndex(search: TestSearch, names = newNames(search), generation = 1): Promise<string> {
  const index = names.index(generation)
  await createIndex(search.client, index, indexBody(orderColumns, { text: searchedColumns({ text: ['number'] }) }))
  return index
}

export function order(id: number, version: bigint, columns: Record<string, unknown> = {}): DocumentWrite {
  const source = { order_id: id, status: 'placed', number: `ORD-${id}`, total: id / 4, _ordinal: id, ...columns }
  return { id: String(id), version, source: JSON.stringify(source) }
}

/** Orders 1 to `count`, all of one version. */
export const orders = (count: number, version = 1n): DocumentWrite[] =>
  Array.from({ length: count }, (_, at) => order(at + 1, version))

/** Order ids that a search through `name` finds, up to 10,000. */
export async function foundIds(client: Client, name: string, query: object = { match_all: {} }): Promise<string[]> {
  const { body } = await client.search({ index: name, body: { query: query as never, size: 10_000, _source: false } })
  return body.hits.hits.map((hit) => String(hit._id)).sort()
}
