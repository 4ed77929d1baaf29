import type pg from 'pg'
import { openClient } from '../database.ts'
import { detachmentLock, isHeld } from '../detachment.ts'
import { TrifoldError } from '../errors.ts'
import { faultPoint } from '../fault.ts'
import { dropRelation, relationKind } from '../generation/relation.ts'
import { dropUnserved } from '../generation.ts'
import { seizeLease } from '../lease.ts'
import { whileLocked, whileRebuilding } from '../rebuild/lock.ts'
import { releaseLease } from '../schema/consumers.ts'
import { beginDetachment, readDetachment, recordDetachment } from '../schema/detachments.ts'
import { type Generation, standingGenerations } from '../schema/generations.ts'
import { milliseconds, type Span } from '../span.ts'
import type { Toolkit } from '../toolkit.ts'
import { isCopy, kept, patiently, replaceByCopy } from './detach/copy-view.ts'
import { type Dependent, dependentsOf } from './detach/dependents.ts'
import { readModelNamed } from './detach/read-model.ts'

export type { Dependent } from './detach/dependents.ts'

/** How a read model is detached. */
export interface DetachOptions {
  /** How long a running refresh, and transactions that read a view, are waited for; default 30s. */
  wait?: Span | undefined
}

/** What came of detaching a read model. */
export interface Detached {
  readModel: string
  /** `already` if it was detached before. */
  outcome: 'detached' | 'already'
  /** Since when, ISO 8601 in UTC. */
  since: string
  /** Its targets, all of which are held. */
  targets: string[]
  /** Those whose rows are in a plain copy now. */
  copied: string[]
  /** What still depends on the tables that its definition reads. */
  dependents: Dependent[]
}

const defaultWait = 30_000

/**
 * Holds all targets of a read model, so that a migration may change the tables under them: in every process their workers
 * pause, refreshes and rebuilds are refused, and what depends on the tables is replaced by a plain copy of its rows. Readers
 * get the last rows; the outbox keeps what comes. What was interrupted is finished by another call, or undone by `attach`.
 *
 * @param name a read model (`order_summary`), or one of its targets
 * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, DETACH_RUNNING, REBUILD_RUNNING, REFRESH_RUNNING, TARGET_KEPT: then it is not
 * detached
 */
export async function detach(toolkit: Toolkit, name: string, options: DetachOptions = {}): Promise<Detached> {
  const readModel = readModelNamed(toolkit, name)
  const deadline = performance.now() + waitOf(options.wait)
  const { database } = toolkit.config
  const settings = { lock_timeout: '30s' }
  const client = await openClient(database, { name: `detach ${readModel}`, settings })
  try {
    const done = await whileLocked(database, detachmentLock(readModel), async () => {
      const before = await readDetachment(client, readModel)
      if (before?.state === 'detached') return reportOf(toolkit, client, readModel, 'already')
      const targets = await targetsOf(toolkit, client, readModel)
      await whileNoneRebuilds(database, targets, () => hold(client, readModel, deadline, isHeld(before)))
      return reportOf(toolkit, client, readModel, 'detached')
    })
    if (!done) throw detachRunning('detach', readModel)
    return done
  } finally {
    await client.end()
  }
}

function waitOf(wait: Span | undefined): number {
  const span = wait === undefined ? defaultWait : milliseconds(wait)
  if (span !== undefined) return span
  throw new TrifoldError(
    'QUERY_INVALID',
    `detach: wait is ${JSON.stringify(wait)}; write a time span such as "30s" or "10m"`,
  )
}

/** Those of the configuration, and those of before that were never removed. */
async function targetsOf(toolkit: Toolkit, client: pg.ClientBase, readModel: string): Promise<string[]> {
  const configured = toolkit.targetNames.filter((target) => target.startsWith(`${readModel}@`))
  const standing = (await standingGenerations(client, readModel)).map(({ target }) => target)
  return [...new Set([...configured, ...standing])]
}

async function whileNoneRebuilds(
  database: string,
  targets: readonly string[],
  work: () => Promise<void>,
): Promise<void> {
  const [target, ...rest] = targets
  if (target === undefined) return work()
  const done = await whileRebuilding(database, target, async () => {
    await whileNoneRebuilds(database, rest, work)
    return true
  })
  if (!done)
    throw new TrifoldError(
      'REBUILD_RUNNING',
      `detach: ${target} is being rebuilt by another process now; look at \`trifold status\`, wait for it, and run it again`,
    )
}

/** In this order: nobody begins anything once the state is stored, and what was under way ends before the copy is made. */
async function hold(client: pg.ClientBase, readModel: string, deadline: number, wasHeld: boolean): Promise<void> {
  await beginDetachment(client, readModel)
  await faultPoint('detach:begun')
  try {
    const generations = await standingGenerations(client, readModel)
    for (const generation of generations) await endLease(client, generation)
    await faultPoint('detach:leases-ended')
    for (const generation of generations) await release(client, generation, deadline)
  } catch (error) {
    if (!wasHeld) await recordDetachment(client, readModel, 'attached')
    throw error
  }
  await recordDetachment(client, readModel, 'detached')
}

/** Its consumer finds out at its next page; one that is being applied ends first. */
async function endLease(client: pg.ClientBase, generation: Generation): Promise<void> {
  if (generation.state !== 'serving') return
  const lease = await seizeLease(client, generation, `detach ${generation.target}`)
  if (lease) await releaseLease(client, lease)
}

/** Lets a generation depend on nothing of the application. */
async function release(client: pg.ClientBase, generation: Generation, deadline: number): Promise<void> {
  if ((await relationKind(client, generation.storage)) !== 'm') return
  if (generation.state === 'serving') return replaceByCopy(client, generation, deadline)
  const isDropped = async () => {
    await dropUnserved(client, generation.target, (storage) => dropRelation(client, storage), { only: generation })
    return (await relationKind(client, generation.storage)) === undefined
  }
  if (!(await patiently(deadline, isDropped)))
    throw kept(generation.target, `open transactions read its generation ${generation.number}, or a view depends on it`)
}

async function reportOf(
  toolkit: Toolkit,
  client: pg.ClientBase,
  readModel: string,
  outcome: Detached['outcome'],
): Promise<Detached> {
  const generations = (await standingGenerations(client, readModel)).filter(({ state }) => state === 'serving')
  const oids = generations.flatMap(({ resolution }) => resolution.relations.map(({ oid }) => oid))
  return {
    readModel,
    outcome,
    since: (await readDetachment(client, readModel))?.detachedAt ?? '',
    targets: await targetsOf(toolkit, client, readModel),
    copied: generations.filter(({ storage }) => isCopy(storage)).map(({ target }) => target),
    dependents: await dependentsOf(client, [...new Set(oids)]),
  }
}

/** @param verb the command that cannot begin */
export const detachRunning = (verb: 'detach' | 'attach', readModel: string): TrifoldError =>
  new TrifoldError(
    'DETACH_RUNNING',
    `${verb}: another process is detaching or attaching ${readModel} now; wait for it, and look at \`trifold status\``,
  )
