import type { Client } from '@opensearch-project/opensearch'
import type pg from 'pg'
import { TrifoldError } from '../../errors.ts'
import { answerOf } from '../../opensearch/client.ts'
import { type Identity, type Place, readIdentity } from '../../schema/history.ts'
import { forgotten, type Witness } from '../../schema/witness.ts'
import { dropIndex, listGenerations } from './index-admin.ts'
import type { IndexNames } from './index-names.ts'
import { bookkeeping } from './mapping.ts'
import { stateDocumentId } from './state-document.ts'

/**
 * Whose an index is: the database that writes it. Its state document names it, and until it has one the mapping does.
 * What a version of Trifold that knew no owners has built names none: it becomes the next consumer's.
 */
export interface Owner extends Place {
  /** Of the era in which it became this database's: a copy of the server's volume is another history of one place. */
  nonce: string | null
}

export const ownerOf = ({ place, nonces }: Identity): Owner => ({ ...place, nonce: nonces[0] })

/** What of an index's state tells whose it is. */
export interface Owned extends Partial<Witness> {
  owner?: Owner
  adopted?: boolean
}

/** What has to be known of a target to tell whether its indexes are its database's. */
interface OwnedTarget {
  target: string
  pool: Pick<pg.ClientBase, 'query'>
}

/** Why an index is not this database's, and what to do; undefined if it is, or names no owner. */
export function foreignOwner(
  target: string,
  index: string,
  owner: Owner | undefined,
  { place, nonces }: Identity,
): string | undefined {
  if (!owner) return undefined
  if (owner.system !== place.system || owner.database !== place.database)
    return (
      `the index ${index} belongs to ${shown(owner)}, and this is ${shown(place)}; ` +
      `set another \`indexPrefix\` here, or run ${adoptCommand(target)} if this database has taken the place of that one`
    )
  if (owner.timeline > place.timeline)
    return (
      `the index ${index} belongs to timeline ${owner.timeline} of this database, and this server is on ${place.timeline}: another was ` +
      `promoted since; point DATABASE_URL at that one, or run ${adoptCommand(target)} if it is gone`
    )
  if (owner.timeline < place.timeline || nonces.includes(owner.nonce ?? null)) return undefined
  return otherHistory(target, index, 'belongs to another history of this database')
}

const adoptCommand = (target: string): string => `\`trifold target adopt ${target}\``

/** @param fault what shows it */
const otherHistory = (target: string, index: string, fault: string): string =>
  `the index ${index} ${fault}: a copy of this server's volume runs too, or an earlier state of this one was put back; ` +
  `set another \`indexPrefix\` here if the other one is in use, or run ${adoptCommand(target)} if this database is to have it`

const shown = ({ system, database }: Place): string => `database ${database} of cluster ${system}`

/** @throws INDEX_OWNED */
export function refuseForeign(target: string, index: string, { owner, era }: Owned, identity: Identity): void {
  const reason = foreignOwner(target, index, owner, identity)
  if (reason === undefined) return
  const isPlace = owner?.system === identity.place.system && owner.timeline === identity.place.timeline
  throw owned(reason, index, isPlace ? era : undefined)
}

/** @param era that the index claims, if this database may have forgotten it: commit tokens of before mean nothing then */
const owned = (reason: string, index: string, era: number | undefined): TrifoldError =>
  new TrifoldError('INDEX_OWNED', `search: ${reason}`, { details: { index, ...(era !== undefined && { era }) } })

/** An index that was written by what is not in the database's history. @param fault what shows it */
export const writtenByAnother = (target: string, index: string, era: number, fault: string): TrifoldError =>
  owned(otherHistory(target, index, fault), index, era)

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
  // The indexes first: the database comes before whatever they say.
  const states = await ownedIndexes(client, names)
  const identity = await readIdentity(pool)
  for (const [index, state] of states) {
    refuseForeign(target, index, state, identity)
    const fault = await forgottenBy(pool, index, state, identity)
    if (fault) throw writtenByAnother(target, index, state.era as number, fault)
  }
}

/** Drops an index, unless it is another database's. */
export async function dropOwnIndex(client: Client, database: OwnedTarget['pool'], index: string): Promise<void> {
  const state = (await statesOf(client, [index])).get(index) ?? {}
  const identity = await readIdentity(database)
  if (foreignOwner('', index, state.owner, identity) !== undefined) return
  if (!(await forgottenBy(database, index, state, identity))) await dropIndex(client, index)
}

/** What the indexes of a read model say of their owners. */
export async function ownedIndexes(client: Client, names: IndexNames): Promise<Map<string, Owned>> {
  const generations = await listGenerations(client, names)
  return statesOf(
    client,
    generations.map(({ index }) => index),
  )
}

async function statesOf(client: Client, indexes: readonly string[]): Promise<Map<string, Owned>> {
  if (indexes.length === 0) return new Map()
  const docs = indexes.map((index) => ({ _index: index, _id: stateDocumentId }))
  const { docs: found } = await answerOf('reading the owners of indexes', client.mget({ body: { docs } }))
  const known = (found as StateFound[]).filter((one) => one.found)
  const states = new Map(known.map((one) => [one._index, one._source?.[bookkeeping.state] ?? {}]))
  for (const index of indexes) if (!states.has(index)) states.set(index, await creatorOf(client, index))
  return states
}

interface StateFound {
  _index: string
  found?: boolean
  _source?: Record<string, Owned>
}

/** Why what an index names is not in the history of its owner. On an earlier timeline it may have been. */
export async function forgottenBy(
  database: OwnedTarget['pool'],
  index: string,
  state: Owned,
  { place, era }: Identity,
): Promise<string | undefined> {
  if (state.adopted || state.owner?.timeline !== place.timeline || !isWitness(state)) return undefined
  return forgotten(database, index, state, era)
}

const isWitness = (state: Owned): state is Witness =>
  state.era !== undefined && state.epoch !== undefined && state.window !== undefined && state.nonce !== undefined

async function creatorOf(client: Client, index: string): Promise<Owned> {
  const asked = client.indices.getMapping({ index }, { ignore: [404] })
  const found = await answerOf(`reading the mapping of "${index}"`, asked)
  const { owner } = (found[index]?.mappings._meta ?? {}) as Owned
  return owner ? { owner } : {}
}
