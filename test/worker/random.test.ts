import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, it, vi } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { Random } from '../feed/random.ts'
import type { TestDatabase } from '../support/database.ts'
import { fewOrMany } from '../support/long.ts'
import { expectAgreement } from '../support/market/agreement.ts'
import { createMarket } from '../support/market/database.ts'
import { Load } from '../support/market/load.ts'
import { marketConfig } from '../support/market.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../support/search.ts'
import { WorkerChild } from '../support/worker-child.ts'

vi.hoisted(() => {
  process.env.TRIFOLD_RANGE_ROWS = '3' // tables are copied range by range, also by workers that die and freeze
})

const seed = Number(process.env.TRIFOLD_SEED ?? process.env.TRIFOLD_TEST_SEED ?? Math.floor(Math.random() * 1e9))
const bursts = Number(process.env.TRIFOLD_BURSTS ?? fewOrMany(2, 5))
const random = new Random(seed)

// What happens to which worker is drawn from the seed; how it falls between their steps is the machine's affair.
describeWithSearch(`two workers that are killed and frozen at random (TRIFOLD_SEED=${seed})`, () => {
  let database: TestDatabase
  let search: TestSearch
  let toolkit: Toolkit
  let load: Load
  let workers: WorkerChild[] = []
  let spare: WorkerChild

  const loadSpare = () => {
    const address = { database: database.url, search: search.url, indexPrefix: search.prefix }
    spare = new WorkerChild({ ...address, pageSize: random.pick([3, 7, 5_000]) })
  }
  const next = (): WorkerChild => {
    const worker = spare
    worker.start()
    loadSpare()
    return worker
  }

  beforeAll(async () => {
    database = await createMarket()
    search = createSearch()
    const address = { database: database.url, search: search.url, indexPrefix: search.prefix }
    toolkit = await openToolkit(resolveConfig(marketConfig(address)))
    load = await Load.open(database.url, seed)
    loadSpare()
    workers = [next(), next()]
  })
  afterAll(async () => {
    await load?.close()
    for (const worker of [...workers, spare]) await worker?.kill()
    await toolkit?.close()
    await search?.close()
    await database?.close()
  })

  const blow = async () => {
    const place = random.between(0, 1)
    const worker = workers[place] as WorkerChild
    const kind = random.next()
    if (kind < 0.35) {
      await worker.kill()
      workers[place] = next()
    } else if (kind < 0.5) {
      await worker.stop()
      workers[place] = next()
    } else if (kind < 0.8) worker.freeze()
    else for (const one of workers) one.resume()
  }

  it.each(Array.from({ length: bursts }, (_, burst) => burst + 1))('agree once it is quiet, burst %i', async () => {
    load.run()
    for (let blows = random.between(2, 5); blows > 0; blows--) {
      await pause(random.between(20, 500))
      await blow()
    }
    await pause(random.between(0, 200))
    await load.pause()
    // A frozen worker sleeps on while the other catches up, and goes on in the next burst.
    const woken = random.chance(0.5) ? workers : workers.slice(0, 1)
    for (const worker of woken) {
      worker.resume()
      // A busy machine takes its time to load one.
      await worker.observed.when('worker.started').catch((error) => {
        throw new Error(`${error.message}\n${worker.running ? 'it runs' : 'it has ended'}:\n${worker.told()}`)
      })
    }
    await expectAgreement(database.url, toolkit.targets.values()).catch((error) => {
      throw new Error(`${error.message}\n${workers.map((worker) => worker.told()).join('\n--\n')}`)
    })
  })
})
