import type { Client } from '@opensearch-project/opensearch'
import type pg from 'pg'
import { raiseEra } from '../../era.ts'
import { TrifoldError } from '../../errors.ts'
import { answerOf } from '../../opensearch/client.ts'
import { readIdentity } from '../../schema/history.ts'
import { formOf } from './index-admin.ts'
import type { IndexNames } from './index-names.ts'
import { foreignOwner, forgottenBy, type Owned, type Owner, ownedIndexes, ownerOf } from './owner.ts'
import { readState, writeState } from './state-document.ts'

/** How often the owner is written, if others write the state document meanwhile. */
const attempts = 5

/**
 * Makes every index of the read model this database's. If they are of an era that it has, or will have, it may have forgotten
 * what they show, so a new era begins.
 *
 * @returns those that were another one's, or nobody's
 */
export async function adoptIndexes(client: Client, names: IndexNames, { pool }: { pool: pg.Pool }): Promise<string[]> {
  const database = await pool.connect()
  try {
    return await adopt(client, await ownedIndexes(client, names), database)
  } finally {
    database.release()
  }
}

async function adopt(client: Client, states: ReadonlyMap<string, Owned>, database: pg.ClientBase): Promise<string[]> {
  const others = await othersAmong(database, states)
  if (others.length === 0) return []
  await raiseEra(database, Math.max(...others.map((index) => states.get(index)?.era ?? 0)))
  const owner = ownerOf(await readIdentity(database))
  for (const index of others) await adoptIndex(client, index, owner)
  return others
}

async function othersAmong(database: pg.ClientBase, states: ReadonlyMap<string, Owned>): Promise<string[]> {
  const identity = await readIdentity(database)
  const others: string[] = []
  for (const [index, state] of states) {
    const isOwn = state.owner && foreignOwner('', index, state.owner, identity) === undefined
    if (!isOwn || (await forgottenBy(database, index, state, identity))) others.push(index)
  }
  return others
}

/** The mapping too: it answers for an index that is just being dropped. */
async function adoptIndex(client: Client, index: string, owner: Owner): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const read = await readState<Owned>(client, index)
    if (read.status === 'index_missing') return
    const body = { _meta: { form: await formOf(client, index), owner } }
    await answerOf(`naming the owner of "${index}"`, client.indices.putMapping({ index, body }))
    if (read.status === 'absent') return
    if ((await writeState(client, index, { ...read.state, owner, adopted: true }, read)) !== 'conflict') return
  }
  throw new TrifoldError(
    'LEASE_LOST',
    `search: a worker of another database writes ${index} meanwhile; stop it, and adopt again`,
  )
}
