import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest'
import { openTrifold, type Toolkit } from '../../src/toolkit.ts'
import { startWorker } from '../../src/worker.ts'
import { Random } from '../feed/random.ts'
import type { TestDatabase } from '../support/database.ts'
import { expectAgreement } from '../support/market/agreement.ts'
import { createMarket } from '../support/market/database.ts'
import { Load } from '../support/market/load.ts'
import { marketConfig } from '../support/market.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../support/search.ts'
import { WorkerChild } from '../support/worker-child.ts'
import { faultPoints } from './fault-points.ts'

vi.hoisted(() => {
  process.env.TRIFOLD_LEASE_MS = '1500'
})

const seed = Number(process.env.TRIFOLD_SEED ?? 1)
const points = await faultPoints()
const random = new Random(seed)
const rounds = points.map((point) => `${point}:kill:${random.between(1, 3)}`)

describeWithSearch(`a worker that is killed between two steps (seed ${seed})`, () => {
  let database: TestDatabase
  let search: TestSearch
  let toolkit: Toolkit
  let load: Load
  const loaded: WorkerChild[] = []
  let next = 0

  /** Programs are loaded while the round before runs. */
  const loadAhead = () => {
    while (loaded.length < 2 && next < rounds.length) {
      const fault = rounds[next++] as string
      loaded.push(
        new WorkerChild({ database: database.url, search: search.url, indexPrefix: search.prefix, pageSize: 3, fault }),
      )
    }
  }

  beforeAll(async () => {
    database = await createMarket()
    search = createSearch()
    const address = { database: database.url, search: inject('openSearchUrl'), indexPrefix: search.prefix }
    toolkit = (await openTrifold(marketConfig(address))) as unknown as Toolkit
    load = await Load.open(database.url, seed)
    loadAhead()
  })

  afterAll(async () => {
    await load?.close()
    for (const child of loaded) await child.kill()
    await toolkit?.close()
    await search?.close()
    await database?.close()
  })

  it.each(rounds)('loses and doubles nothing when it is killed at %s', async (fault) => {
    if (fault.startsWith('fill:')) {
      await database.pool.query(`update trifold.generations set state = 'retired' where state = 'serving'`)
    }
    const child = loaded.shift() as WorkerChild
    load.run()
    child.start()
    loadAhead()
    await child.ended()
    expect(child.printed).toContain(`fault point ${fault.split(':kill')[0]}: SIGKILL`)
    const lines: string[] = []
    const worker = await startWorker(toolkit, { log: (line) => lines.push(line) })
    await load.pause()
    await expectAgreement(database.url, toolkit.targets.values())
      .catch((error) => {
        throw new Error(`${error.message}\n${lines.join('\n')}\nbefore: ${child.printed}`, { cause: error })
      })
      .finally(() => worker.stop())
  })
})
