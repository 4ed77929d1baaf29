import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { FeedCatchUp } from '../../src/consumer/catch-up.ts'
import { Projector } from '../../src/consumer/projector.ts'
import { openClient } from '../../src/database.ts'
import { isTrifoldError } from '../../src/errors.ts'
import { seizeLease } from '../../src/lease.ts'
import { rebuild } from '../../src/operator/rebuild.ts'
import { buildNext } from '../../src/rebuild/build-next.ts'
import { type Generation, servingGeneration } from '../../src/schema/generations.ts'
import { eventFed } from '../../src/testing/feeds.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { startWorker, type Worker } from '../../src/worker.ts'
import type { TestDatabase } from '../support/database.ts'
import { expectAgreement, whenApplied } from '../support/market/agreement.ts'
import { createMarket } from '../support/market/database.ts'
import { type Loop, placeOrders, StepReader, writeSteps } from '../support/market/steps.ts'
import { marketConfig, marketEvents, picturedOrder, plainOrder } from '../support/market.ts'
import { createSearch, type TestSearch } from '../support/search.ts'

vi.hoisted(() => {
  process.env.TRIFOLD_LEASE_MS = '3000'
})

const withSearch = inject('openSearchUrl') !== ''

describe('a target that is rebuilt while a worker keeps it and the application writes', () => {
  let database: TestDatabase
  let search: TestSearch | undefined
  let toolkit: Toolkit
  let worker: Worker
  let steps: Loop

  beforeAll(async () => {
    database = await createMarket()
    search = withSearch ? createSearch() : undefined
    // So many rows that a rebuild takes as long as some hundred transactions.
    await placeOrders(database, 9_000)
    const address = { database: database.url, ...(search && { search: search.url, indexPrefix: search.prefix }) }
    const config = marketConfig(address, { plain_order: plainOrder, pictured_order: picturedOrder })
    toolkit = await openToolkit(resolveConfig(config))
    for (const target of toolkit.targets.keys()) await rebuild(toolkit, target)
    worker = await startWorker(toolkit)
    await whenApplied(database.url, [...toolkit.targets.keys()])
    steps = writeSteps(database)
  })
  afterAll(async () => {
    await steps?.stop()
    await worker?.stop()
    await toolkit?.close()
    await search?.close()
    await database?.close()
  })

  /** What a reader saw go backwards while the target was built `times` times. */
  async function watch(target: string, times: number, work: () => Promise<unknown>): Promise<string[]> {
    const reader = new StepReader((request) => toolkit.target(target).find(request))
    try {
      for (let time = 0; time < times && reader.backwards.length === 0; time++) {
        await work()
        await whenApplied(database.url, [target])
      }
    } finally {
      await reader.stop()
    }
    expect(reader.reads).toBeGreaterThan(times)
    return reader.backwards
  }

  const itWithSearch = it.skipIf(!withSearch)

  it.each(['plain_order@table', 'pictured_order@table'])('%s shows nobody anything older', async (target) => {
    expect(await watch(target, 5, () => rebuild(toolkit, target))).toEqual([])
  })

  itWithSearch.each(['plain_order@search', 'pictured_order@search'])(
    '%s shows nobody anything older',
    async (target) => {
      expect(await watch(target, 2, () => rebuild(toolkit, target))).toEqual([]) // each takes seconds
    },
  )

  /** Fills with another way of catching up, or with none. */
  const rebuildWith = async (target: string, CatchingUp: typeof FeedCatchUp | undefined) => {
    const materializer = eventFed(toolkit.target(target))
    const { definition, model } = materializer.context
    const projector = new Projector(definition, model, marketEvents)
    const catchUp = CatchingUp && ((next: Generation) => new CatchingUp(materializer, projector, next))
    await buildNext(materializer, { reason: 'mutant', ...(catchUp && { catchUp }) })
  }

  it('goes backwards without catching up (mutant)', async () => {
    expect(await watch('plain_order@table', 10, () => rebuildWith('plain_order@table', undefined))).not.toEqual([])
  })

  itWithSearch('goes backwards in an index without catching up (mutant)', async () => {
    expect(await watch('plain_order@search', 10, () => rebuildWith('plain_order@search', undefined))).not.toEqual([])
  })

  it('goes backwards without the last events, which come while the names are moved (mutant)', async () => {
    class Nearly extends FeedCatchUp {
      override async nearly(): Promise<void> {
        await super.nearly()
        this.wholly = async () => 0
      }
    }
    expect(await watch('plain_order@table', 40, () => rebuildWith('plain_order@table', Nearly))).not.toEqual([])
  })

  it('stays where it is if a handler fails at more events than may be parked', async () => {
    const target = 'plain_order@table'
    const materializer = eventFed(toolkit.target(target))
    const { definition, model } = materializer.context
    const throws = () => {
      throw new Error('no')
    }
    const projector = new Projector(definition, { ...model, on: { ...model.on, OrderAdvanced: throws } }, marketEvents)
    await whenApplied(database.url, [target]) // the worker is at it
    const before = await servingGeneration(toolkit.pool, target)
    const failing = buildNext(materializer, {
      reason: 'test',
      catchUp: (next) => new FeedCatchUp(materializer, projector, next),
    })
    await expect(failing).rejects.toSatisfy((error) => isTrifoldError(error, 'PARKED_TOO_MANY'))
    expect(await servingGeneration(toolkit.pool, target)).toEqual(before)
    await whenApplied(database.url, [target]) // the worker goes on
  })

  it('goes on where a rebuilder dies that has taken the lease', async () => {
    const target = 'plain_order@table'
    const client = await openClient(database.url, { name: 'filler' })
    const lease = await seizeLease(client, (await servingGeneration(client, target)) as Generation, 'filler')
    expect(lease?.epoch).toBeGreaterThan(1)
    await client.end()
    await whenApplied(database.url, [target])
  })

  it('is equal to its definition in the end', async () => {
    await steps.stop()
    await expectAgreement(database.url, toolkit.targets.values())
  })
})
