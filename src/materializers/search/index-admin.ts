import type { Client } from '@opensearch-project/opensearch'
import { answerOf } from '../../opensearch/client.ts'
import { engineError, searchError } from '../../opensearch/search-error.ts'
import { type IndexNames, writeAlias } from './index-names.ts'
import { type IndexBody, indexForm, visibleDocuments } from './mapping.ts'

/**
 * Creates an index together with its write alias.
 *
 * @throws SEARCH_FAILED with `details.kind` `index_exists` if the index is there already
 */
export async function createIndex(client: Client, index: string, body: IndexBody): Promise<void> {
  const aliases = { [writeAlias(index)]: {} }
  await answerOf(
    `creating index "${index}"`,
    client.indices.create({ index, body: { ...body, aliases } as object }, { maxRetries: 0 }),
  )
}

/** Drops an index, its aliases and its state document. Returns false if it was gone already. */
export async function dropIndex(client: Client, index: string): Promise<boolean> {
  try {
    await client.indices.delete({ index })
    return true
  } catch (error) {
    if (engineError(error)?.type === 'index_not_found_exception') return false
    throw searchError(error, `dropping index "${index}"`)
  }
}

export async function indexExists(client: Client, index: string): Promise<boolean> {
  return answerOf(`looking for index "${index}"`, client.indices.exists({ index }))
}

/** Whether an index has the mappings and the documents of today. */
export const hasForm = async (client: Client, index: string): Promise<boolean> =>
  (await formOf(client, index)) === indexForm

/** The form in which an index was built. */
export async function formOf(client: Client, index: string): Promise<unknown> {
  const found = await answerOf(`reading the mapping of "${index}"`, client.indices.getMapping({ index }))
  return found[index]?.mappings._meta?.form
}

/**
 * Makes `index` the one that readers see, in one step: the public alias moves from whatever index holds it, and shows
 * no tombstones.
 */
export async function serveIndex(client: Client, names: IndexNames, index: string): Promise<void> {
  const alias = names.publicAlias
  const holders = await indexesOf(client, alias)
  const actions = [
    { remove: { indices: [`${alias}-g*`, ...holders], alias, must_exist: false } },
    { add: { index, alias, filter: visibleDocuments } },
  ]
  await answerOf(`serving "${index}" as "${alias}"`, client.indices.updateAliases({ body: { actions } }))
}

export interface IndexGeneration {
  index: string
  generation: number
  /** Whether the public alias points at it. */
  serves: boolean
}

/** The generations of a read model that exist, oldest first. */
export async function listGenerations(client: Client, names: IndexNames): Promise<IndexGeneration[]> {
  const found = await answerOf(
    `listing the indexes of "${names.publicAlias}"`,
    client.indices.getAlias({ index: `${names.publicAlias}-g*` }),
  )
  return Object.entries(found)
    .map(([index, { aliases }]) => ({
      index,
      generation: names.generationOf(index) ?? -1,
      serves: Object.hasOwn(aliases, names.publicAlias),
    }))
    .filter(({ generation }) => generation >= 0)
    .sort((a, b) => a.generation - b.generation)
}

/** Sets the number of copies of each shard; a built index gets the operator's number here. */
export async function setReplicas(client: Client, index: string, replicas: number): Promise<void> {
  const body = { index: { number_of_replicas: replicas } }
  await answerOf(`setting the replicas of "${index}"`, client.indices.putSettings({ index, body }))
}

async function indexesOf(client: Client, alias: string): Promise<string[]> {
  try {
    return Object.keys((await client.indices.getAlias({ name: alias })).body)
  } catch (error) {
    if (engineError(error)?.status === 404) return []
    throw searchError(error, `reading alias "${alias}"`)
  }
}
