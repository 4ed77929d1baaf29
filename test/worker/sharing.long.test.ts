import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { startWorker, type Worker, type WorkerOptions } from '../../src/worker.ts'
import type { TestDatabase } from '../support/database.ts'
import { expectAgreement } from '../support/market/agreement.ts'
import { createMarket } from '../support/market/database.ts'
import { Load } from '../support/market/load.ts'
import { dayTotal, marketConfig, picturedOrder, plainOrder } from '../support/market.ts'
import { Observed } from '../support/observed.ts'
import { createSearch, describeWithSearch } from '../support/search.ts'
import { until } from '../support/until.ts'
import { WorkerChild } from '../support/worker-child.ts'

const models = {
  plain_order: plainOrder,
  plain_order_2: plainOrder,
  day_total: dayTotal,
  day_total_2: dayTotal,
  pictured_order: picturedOrder,
  pictured_order_2: picturedOrder,
}
const targets = Object.keys(models).map((name) => `${name}@table`)

/** The definitions of the market, each of them twice. */
async function writeViews(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'trifold-sharing-'))
  for (const name of Object.keys(models)) {
    const file = `../support/market/views/${name.replace('_2', '')}_v01.sql`
    await copyFile(fileURLToPath(new URL(file, import.meta.url)), join(folder, `${name}_v01.sql`))
  }
  return folder
}

/** The worker that has each lease; those that nobody has, or a rebuild for the moment, are not in it. */
async function ownersOf({ pool }: TestDatabase): Promise<Map<string, string>> {
  const { rows } = await pool.query(
    `select target, owner
    from trifold.consumers
    join trifold.generations on generations.id = generation_id
    where state = 'serving' and owner is not null and owner not like 'catch up %'`,
  )
  return new Map(rows.map(({ target, owner }) => [target, owner]))
}

const loadsOf = (owners: Map<string, string>) => {
  const counts: Record<string, number> = {}
  for (const owner of owners.values()) counts[owner] = (counts[owner] ?? 0) + 1
  return Object.values(counts).sort()
}

describe('several workers of one configuration', () => {
  let database: TestDatabase
  let load: Load
  let views: string
  let open: { toolkit: Toolkit; worker: Worker; observed: Observed }[]
  beforeAll(async () => {
    views = await writeViews()
  })
  afterAll(() => rm(views, { recursive: true }))
  beforeEach(async () => {
    database = await createMarket()
    load = await Load.open(database.url, 5)
    load.run()
    open = []
  })
  afterEach(async () => {
    await load.close()
    for (const { toolkit, worker } of open) {
      await worker.stop()
      await toolkit.close()
    }
    await database.close()
  })

  async function start(options: WorkerOptions = {}, version = 1) {
    const versioned = Object.fromEntries(Object.entries(models).map(([name, model]) => [name, { ...model, version }]))
    const config = { ...marketConfig({ database: database.url }, versioned), views }
    const toolkit = await openToolkit(resolveConfig(config))
    const observed = new Observed()
    const started = { toolkit, observed, worker: await startWorker(toolkit, { observe: observed.observe, ...options }) }
    open.push(started)
    return started
  }
  const shared = (loads: number[]) =>
    until(`the leases are shared ${loads}`, async () => `${loadsOf(await ownersOf(database))}` === `${loads}`).catch(
      async (error) => {
        throw new Error(`${error.message}; instead ${JSON.stringify([...(await ownersOf(database))])}`)
      },
    )
  const sessions = async (name: string) => {
    const { rows } = await database.pool.query(
      `select count(*)::integer as count
      from pg_stat_activity
      where datname = current_database() and application_name like $1`,
      [`trifold ${name}%`],
    )
    return rows[0].count as number
  }
  const agree = async () => {
    await load.close()
    await expectAgreement(database.url, open[0]?.toolkit.targets.values() ?? [])
  }

  it('share its targets evenly as they come and go, and no event is lost or applied twice', async () => {
    const first = await start()
    await shared([6])
    expect(first.observed.of('worker.shares')).toEqual([])
    const second = await start()
    await shared([3, 3])
    await first.observed.when('worker.shares')
    expect(first.observed.of('worker.shares').at(-1)).toMatchObject({ of: 6, workers: 2 })
    await start()
    await shared([2, 2, 2])
    await second.worker.stop()
    await shared([3, 3])
    await agree()
    for (const { observed } of open) expect(observed.of('target.retrying', 'target.stopped')).toEqual([])
  })

  it('keep the targets that they are told to keep', async () => {
    await start({ targets: targets.slice(0, 2) })
    await start()
    await shared([2, 4])
    await start({ targets: targets.slice(2, 3) })
    await shared([1, 2, 3])
    await agree()
  })

  it('leave all targets to the ones with newer handlers', async () => {
    await start()
    await start()
    await shared([3, 3])
    const { observed } = await start({}, 2)
    await shared([6])
    await observed.when('target.leased', 6)
    await agree()
    for (const { observed } of open) expect(observed.of('target.retrying', 'target.stopped')).toEqual([])
  })

  it('read nothing, and open no session, while there is nothing for them to keep', async () => {
    await start({}, 2)
    await shared([6])
    const { observed } = await start({}, 1) // the newest handlers have all of them
    await observed.when('worker.shares')
    expect(observed.of('worker.shares')).toMatchObject([{ targets: [], of: 6, workers: 2 }])
    expect(await sessions('ticker')).toBe(1)
    expect(await sessions('consumer')).toBe(3)
    await agree()
  })
})

describeWithSearch('a worker that cannot keep a target', () => {
  it('leaves it to another one', async () => {
    const database = await createMarket()
    const search = createSearch()
    const open = async (address: string) => {
      const engines = { database: database.url, search: address, indexPrefix: search.prefix }
      return openToolkit(resolveConfig(marketConfig(engines, { plain_order: plainOrder })))
    }
    const observed = new Observed()
    const toolkits = [await open('http://127.0.0.1:1'), await open(search.url)] as [Toolkit, Toolkit]
    const failing = await startWorker(toolkits[0], { observe: observed.observe, targets: ['plain_order@search'] })
    await observed.when('target.retrying')
    const other = await startWorker(toolkits[1], { targets: ['plain_order@search'] })
    await until('it is built', async () => (await ownersOf(database)).size === 1)
    await expectAgreement(database.url, [toolkits[1].target('plain_order@search')])
    await Promise.all([failing.stop(), other.stop()])
    for (const toolkit of toolkits) await toolkit.close()
    await search.close()
    await database.close()
  })
})

describe('a worker that is gone', () => {
  /** Longer than elsewhere: connecting and reading cost the same, so they are a smaller part of it. */
  const ownLease = 6_000
  /** Other work on the machine makes a round longer, never shorter. */
  const rounds = 3
  let database: TestDatabase
  let load: Load
  beforeEach(async () => {
    database = await createMarket()
    load = await Load.open(database.url, 7)
    load.run()
  })
  afterEach(async () => {
    await load.close()
    await database.close()
  })

  /** Ends one of two workers. @returns how many leases later the other one has all targets */
  const leasesUntilReplaced = async (end: (child: WorkerChild) => unknown): Promise<number> => {
    const children = [1, 2].map(() => new WorkerChild({ database: database.url, leaseMilliseconds: ownLease }))
    for (const child of children) child.start()
    const [gone, left] = children as [WorkerChild, WorkerChild]
    try {
      await until('both keep targets', async () => `${loadsOf(await ownersOf(database))}` === '1,2')
      const before = [...(await ownersOf(database)).values()]
      await end(gone)
      const seen = performance.now()
      await until('the other keeps all of them', async () => `${loadsOf(await ownersOf(database))}` === '3')
      expect(before, left.told()).toContain([...(await ownersOf(database)).values()][0])
      return (performance.now() - seen) / ownLease
    } finally {
      await Promise.all(children.map((child) => child.kill()))
    }
  }

  it.each([
    ['killed', (child: WorkerChild) => child.kill()],
    ['frozen', (child: WorkerChild) => child.freeze()],
  ])('is replaced by the others within two leases if it is %s', async (_, end) => {
    const found: number[] = []
    while (found.length < rounds && !found.some((leases) => leases <= 2)) found.push(await leasesUntilReplaced(end))
    expect(Math.min(...found), `leases of each round: ${found}`).toBeLessThanOrEqual(2)
  })
})
