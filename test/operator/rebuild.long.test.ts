import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { FeedCatchUp } from '../../src/consumer/catch-up.ts'
import { Projector } from '../../src/consumer/projector.ts'
import { openClient } from '../../src/database.ts'
import { isTrifoldError } from '../../src/errors.ts'
import { seizeLease } from '../../src/lease.ts'
import type { EventFed } from '../../src/materializer.ts'
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
import { until } from '../support/until.ts'

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

  /** What a reader of the target saw go backwards meanwhile. */
  async function watch(target: string, work: (reader: StepReader) => Promise<unknown>): Promise<string[]> {
    const reader = new StepReader((request) => toolkit.target(target).find(request))
    try {
      await work(reader)
    } finally {
      await reader.stop()
    }
    return reader.backwards
  }

  const rebuildTimes = (target: string, times: number) => async (reader: StepReader) => {
    for (let time = 0; time < times; time++) {
      await reader.readsOn()
      await rebuild(toolkit, target)
      await reader.readsOn()
      await whenApplied(database.url, [target])
    }
  }

  const itWithSearch = it.skipIf(!withSearch)

  it.each(['plain_order@table', 'pictured_order@table'])('%s shows nobody anything older', async (target) => {
    expect(await watch(target, rebuildTimes(target, 5))).toEqual([])
  })

  itWithSearch.each(['plain_order@search', 'pictured_order@search'])(
    '%s shows nobody anything older',
    async (target) => {
      expect(await watch(target, rebuildTimes(target, 2))).toEqual([]) // each takes seconds
    },
  )

  /** What a wrong rebuild is watched with. */
  interface Watched {
    reader: StepReader
    /** Resolves once the reader has seen more than before, and nobody applies events any more. */
    moveOn(): Promise<void>
  }

  /** Builds the target with less than it takes, until a reader has noticed. */
  const watchWrong = (target: string, build: (materializer: EventFed, watched: Watched) => Promise<unknown>) =>
    watch(target, async (reader) => {
      const moveOn = async () => {
        await reader.seesMore()
        await worker.stop()
      }
      try {
        await build(eventFed(toolkit.target(target)), { reader, moveOn })
        await reader.seesLess()
      } finally {
        await worker.stop()
        worker = await startWorker(toolkit)
        await whenApplied(database.url, [target])
      }
    })

  const withoutCatchUp = (materializer: EventFed, { moveOn }: Watched) => {
    const build: EventFed['build'] = (next) => {
      const built = materializer.build(next)
      const makeReadable = async (generation: Generation) => {
        await moveOn()
        await built.makeReadable?.(generation)
      }
      return { ...built, makeReadable }
    }
    return buildNext({ ...materializer, build }, { reason: 'mutant' })
  }

  const withoutTheLast = (materializer: EventFed, { reader, moveOn }: Watched) => {
    const { definition, model } = materializer.context
    const projector = new Projector(definition, model, marketEvents)
    let isVerified = false
    class Nearly extends FeedCatchUp {
      override async nearly(): Promise<void> {
        await super.nearly()
        if (!isVerified) return // key ranges were passed
        this.wholly = async () => 0
        await moveOn()
      }
    }
    return buildNext(materializer, {
      reason: 'mutant',
      catchUp: (next) => new Nearly(materializer, projector, next),
      async verify() {
        await reader.seesMore() // so that there is something to catch up with
        isVerified = true
      },
    })
  }

  it('goes backwards without catching up (mutant)', async () => {
    expect(await watchWrong('plain_order@table', withoutCatchUp)).not.toEqual([])
  })

  itWithSearch('goes backwards in an index without catching up (mutant)', async () => {
    expect(await watchWrong('plain_order@search', withoutCatchUp)).not.toEqual([])
  })

  it('goes backwards without the last events, which come while the names are moved (mutant)', async () => {
    expect(await watchWrong('plain_order@table', withoutTheLast)).not.toEqual([])
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
    const advanced = async () => {
      const { rows } = await database.pool.query(
        `select count(*)::integer as count from trifold.outbox where type = 'OrderAdvanced'`,
      )
      return rows[0].count as number
    }
    const failing = buildNext(materializer, {
      reason: 'test',
      catchUp: (next) => new FeedCatchUp(materializer, projector, next),
      async verify() {
        const built = await advanced()
        await until('more events than may be parked', async () => (await advanced()) > built + 50)
      },
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
