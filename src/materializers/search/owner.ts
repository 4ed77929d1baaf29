import type { Client } from '@opensearch-project/opensearch'
import type pg from 'pg'
import { TrifoldError } from '../../errors.ts'
import { answerOf } from '../../opensearch/client.ts'
import { type Place, readPlace } from '../../schema/history.ts'
import { dropIndex, listGenerations } from './index-admin.ts'
import type { IndexNames } from './index-names.ts'
import { bookkeeping, indexForm } from './mapping.ts'
import { readState, stateDocumentId, writeState } from './state-document.ts'

/**
 * Whose an index is: the database that writes it. Its state document names it, and until it has one the mapping does.
 * What a version of Trifold that knew no owners has built names none: it becomes the next consumer's.
 */
export type Owner = Place

interface Owned {
  owner?: Owner
}

/** What has to be known of a target to tell whether its indexes are its database's. */
interface OwnedTarget {
  target: string
  pool: Pick<pg.ClientBase, 'query'>
}

/** How often the owner is written, if others write the state document meanwhile. */
const attempts = 5

/** Why an index is not the database's that runs at `place`, and what to do; undefined if it is, or names no owner. */
export function foreignOwner(
  target: string,
  index: string,
  owner: Owner | undefined,
  place: Place,
): string | undefined {
  if (!owner) return undefined
  const adopt = `\`trifold target adopt ${target}\``
  if (owner.system !== place.system || owner.database !== place.database)
    return (
      `the index ${index} belongs to ${shown(owner)}, and this is ${shown(place)}; ` +
      `set another \`indexPrefix\` here, or run ${adopt} if this database has taken the place of that one`
    )
  if (owner.timeline <= place.timeline) return undefined
  return (
    `the index ${index} belongs to timeline ${owner.timeline} of this database, and this server is on ${place.timeline}: another was ` +
    `promoted since; point DATABASE_URL at that one, or run ${adopt} if it is gone`
  )
}

const shown = ({ system, database }: Owner): string => `database ${database} of cluster ${system}`

/** @throws INDEX_OWNED */
export function refuseForeign(target: string, index: string, owner: Owner | undefined, place: Place): void {
  const reason = foreignOwner(target, index, owner, place)
  if (reason !== undefined) throw new TrifoldError('INDEX_OWNED', `search: ${reason}`, { details: { index, owner } })
}

/**
 * Refuses to touch the names of a read model if an index below them is another database's: two that share a prefix by
 * mistake would take the alias from each other.
 *
 * @throws INDEX_OWNED
 */
export async function refuseForeignIndexes(
  client: Client,
  names: IndexNames,
  { target, pool }: OwnedTarget,
): Promise<void> {
  const owners = await ownersOf(client, await indexesOf(client, names))
  const place = await readPlace(pool)
  for (const [index, owner] of owners) refuseForeign(target, index, owner, place)
}

/** Drops an index, unless it is another database's. */
export async function dropOwnIndex(client: Client, database: OwnedTarget['pool'], index: string): Promise<void> {
  const owner = (await ownersOf(client, [index])).get(index)
  if (foreignOwner('', index, owner, await readPlace(database)) === undefined) await dropIndex(client, index)
}

/** Makes every index of the read model this database's. @returns those that were another one's, or nobody's */
export async function adoptIndexes(client: Client, names: IndexNames, { pool }: OwnedTarget): Promise<string[]> {
  const place = await readPlace(pool)
  const owners = await ownersOf(client, await indexesOf(client, names))
  const others = [...owners].filter(([, owner]) => JSON.stringify(owner) !== JSON.stringify(place))
  for (const [index] of others) await adoptIndex(client, index, place)
  return others.map(([index]) => index)
}

async function adoptIndex(client: Client, index: string, owner: Owner): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const read = await readState<Owned>(client, index)
    if (read.status === 'index_missing') return
    if (read.status === 'absent') {
      const body = { _meta: { form: indexForm, owner } }
      await answerOf(`naming the owner of "${index}"`, client.indices.putMapping({ index, body }))
      return
    }
    if ((await writeState(client, index, { ...read.state, owner }, read)) !== 'conflict') return
  }
  throw new TrifoldError(
    'LEASE_LOST',
    `search: a worker of another database writes ${index} meanwhile; stop it, and adopt again`,
  )
}

const indexesOf = async (client: Client, names: IndexNames): Promise<string[]> =>
  (await listGenerations(client, names)).map(({ index }) => index)

/** The owners of indexes that exist. */
async function ownersOf(client: Client, indexes: readonly string[]): Promise<Map<string, Owner | undefined>> {
  if (indexes.length === 0) return new Map()
  const docs = indexes.map((index) => ({ _index: index, _id: stateDocumentId }))
  const { docs: found } = await answerOf('reading the owners of indexes', client.mget({ body: { docs } }))
  const states = (found as StateFound[]).filter((one) => one.found)
  const owners = new Map(states.map((one) => [one._index, one._source?.[bookkeeping.state]?.owner]))
  for (const index of indexes) if (!owners.has(index)) owners.set(index, await creatorOf(client, index))
  return owners
}

interface StateFound {
  _index: string
  found?: boolean
  _source?: Record<string, Owned>
}

async function creatorOf(client: Client, index: string): Promise<Owner | undefined> {
  const asked = client.indices.getMapping({ index }, { ignore: [404] })
  const found = await answerOf(`reading the mapping of "${index}"`, asked)
  return (found[index]?.mappings._meta as Owned | undefined)?.owner
}
