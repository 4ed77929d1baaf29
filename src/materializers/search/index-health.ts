import type { Client } from '@opensearch-project/opensearch'
import type { StorageProblem } from '../../materializer.ts'
import { answerOf } from '../../opensearch/client.ts'
import { engineError, searchError } from '../../opensearch/search-error.ts'
import type { Generation } from '../../schema/generations.ts'
import { type IndexNames, writeAlias } from './index-names.ts'
import { visibleDocuments } from './mapping.ts'

/** What the engine says of an index and of the public alias. */
interface IndexFacts {
  /** Undefined if the index is gone. */
  index: { settings: Record<string, string> } | undefined
  /** What the public alias shows: the filter of each index that has it. */
  shown: Map<string, unknown>
}

const red = (reason: string): StorageProblem => ({ verdict: 'red', reason })

/**
 * What keeps readers of an index from its rows, or its consumer from writing them; undefined if nothing does.
 *
 * @throws SEARCH_UNREACHABLE, SEARCH_FAILED
 */
export async function indexProblem(
  client: Client,
  names: IndexNames,
  { storage, storageIdentity }: Pick<Generation, 'storage' | 'storageIdentity'>,
): Promise<StorageProblem | undefined> {
  const foreign = foreignIndex(names, storage)
  if (foreign) return red(foreign)
  const facts = await readFacts(client, names, storage)
  if (facts.index) {
    const hindrance = aliasProblem(facts, names, storage) ?? blockProblem(facts.index.settings, storage)
    if (hindrance) return hindrance
  }
  const damage = await indexDamage(client, { storage, storageIdentity })
  return damage === undefined ? healthProblem(client, storage) : red(`${damage}; a running worker builds the next one`)
}

/** What to do if an index was built with another prefix than this configuration's; undefined if it was not. */
export function foreignIndex(names: IndexNames, storage: string): string | undefined {
  if (names.generationOf(storage) !== undefined) return undefined
  return (
    `its index ${storage} was built with another \`indexPrefix\` than this configuration has, which names it ${names.index(1)}; ` +
    'use one prefix in all processes, or run `trifold rebuild --outdated` with the new one'
  )
}

/** Why an index, or documents of it, are lost; undefined if they are not. */
export async function indexDamage(
  client: Client,
  { storage, storageIdentity }: Pick<Generation, 'storage' | 'storageIdentity'>,
): Promise<string | undefined> {
  const found = await unlessMissing(`looking at index "${storage}"`, client.indices.getAlias({ index: storage }))
  const aliases = found?.[storage]?.aliases
  if (!aliases) return `the index ${storage} is missing`
  if (!(writeAlias(storage) in aliases)) return `the index ${storage} has no write alias`
  if (storageIdentity === undefined) return undefined
  const lost = lostShards(storageIdentity, await indexIdentity(client, storage))
  return lost && `the index ${storage} lost documents: ${lost}`
}

/** Whether the public alias shows this index, no other, and no tombstones. */
export async function isServed(client: Client, names: IndexNames, index: string): Promise<boolean> {
  return aliasProblem(await readFacts(client, names, index), names, index) === undefined
}

async function readFacts(client: Client, names: IndexNames, storage: string): Promise<IndexFacts> {
  const [index, shown] = await Promise.all([
    unlessMissing(`looking at index "${storage}"`, client.indices.get({ index: storage, flat_settings: true })),
    unlessMissing(`reading alias "${names.publicAlias}"`, client.indices.getAlias({ name: names.publicAlias })),
  ])
  const holders = Object.entries((shown ?? {}) as Record<string, { aliases: Record<string, { filter?: unknown }> }>)
  return {
    index: index?.[storage] as IndexFacts['index'],
    shown: new Map(holders.map(([holder, { aliases }]) => [holder, aliases[names.publicAlias]?.filter])),
  }
}

function aliasProblem({ shown }: IndexFacts, names: IndexNames, storage: string): StorageProblem | undefined {
  const alias = names.publicAlias
  const mend = 'a running worker repairs it'
  if (shown.size === 0) return red(`the alias ${alias} is missing; ${mend}`)
  const [other] = [...shown.keys()].filter((holder) => holder !== storage)
  if (other) return red(`the alias ${alias} shows ${other}, not ${storage} alone; ${mend}`)
  if (JSON.stringify(shown.get(storage)) !== JSON.stringify(visibleDocuments)) {
    return red(`the alias ${alias} has another filter than the one that hides removed rows; ${mend}`)
  }
  return undefined
}

function blockProblem(settings: Record<string, string>, storage: string): StorageProblem | undefined {
  const blocks = Object.keys(settings).filter((name) => name.startsWith('index.blocks.') && settings[name] === 'true')
  if (blocks.length === 0) return undefined
  const cause = blocks.includes('index.blocks.read_only_allow_delete') ? ' (the disk may be full)' : ''
  return red(`the index ${storage} is blocked by ${blocks.join(', ')}${cause}; set it to null`)
}

async function healthProblem(client: Client, storage: string): Promise<StorageProblem | undefined> {
  const asked = client.cluster.health({ index: storage, timeout: '1s' }, { maxRetries: 0, ignore: [408] })
  const { status, unassigned_shards: unassigned } = await answerOf(`asking for the health of "${storage}"`, asked)
  if (status === 'green') return undefined
  const reason = `the index ${storage} is ${status}: ${unassigned} of its shards are not assigned; see _cluster/allocation/explain`
  return { verdict: status === 'red' ? 'red' : 'yellow', reason }
}

/**
 * Tells one index from every other: its own id, and the id of each shard's history, which changes if the shard was
 * allocated empty, or restored.
 */
export async function indexIdentity(client: Client, index: string): Promise<string> {
  const asked = client.indices.stats({ index, metric: 'store', level: 'shards' })
  const { indices } = await answerOf(`reading the shards of "${index}"`, asked)
  const { uuid, shards = {} } = (indices?.[index] ?? {}) as { uuid?: string; shards?: Record<string, ShardCopy[]> }
  const histories = Object.keys(shards)
    .sort((a, b) => Number(a) - Number(b))
    .map((shard) => shards[shard]?.find(({ routing }) => routing.primary)?.commit?.user_data.history_uuid ?? unassigned)
  return [uuid ?? unassigned, ...histories].join(' ')
}

const unassigned = '-'

interface ShardCopy {
  routing: { primary: boolean }
  commit?: { user_data: { history_uuid: string } }
}

/** A shard that has no node now is not lost: it may come back. */
function lostShards(before: string, now: string): string | undefined {
  const [id, ...shards] = before.split(' ')
  const [idNow, ...shardsNow] = now.split(' ')
  if (idNow === unassigned) return undefined
  if (id !== idNow) return 'it is another index of the same name'
  const lost = shards.flatMap((history, shard) =>
    [history, unassigned].includes(shardsNow[shard] ?? '') ? [] : [shard],
  )
  return lost.length === 0 ? undefined : `shard ${lost.join(', ')} of ${shards.length} was made again`
}

async function unlessMissing<T>(doing: string, request: PromiseLike<{ body: T }>): Promise<T | undefined> {
  try {
    return (await request).body
  } catch (error) {
    if (engineError(error)?.status === 404) return undefined
    throw searchError(error, doing)
  }
}
