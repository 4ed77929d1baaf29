import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { rebuild } from '../../src/operator/rebuild.ts'
import { choiceOf } from '../../src/operator/switch/choice.ts'
import { untilCovers } from '../../src/operator/switch/cover.ts'
import { commitSwitch } from '../../src/operator/switch/store.ts'
import { switchTarget } from '../../src/operator/switch.ts'
import type { ReadableTarget } from '../../src/toolkit.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { startWorker, type Worker } from '../../src/worker.ts'
import type { TestDatabase } from '../support/database.ts'
import { whenApplied } from '../support/market/agreement.ts'
import { createMarket } from '../support/market/database.ts'
import { type Loop, orders, placeOrders, StepReader, writeSteps } from '../support/market/steps.ts'
import { marketConfig, plainOrder } from '../support/market.ts'
import { createSearch, type TestSearch } from '../support/search.ts'

const withSearch = inject('openSearchUrl') !== ''
const name = 'plain_order'

describe('a read model that is switched while a worker keeps it and the application writes', () => {
  let database: TestDatabase
  let search: TestSearch | undefined
  let applications: Toolkit[]
  let toolkit: Toolkit
  let worker: Worker
  let steps: Loop

  beforeAll(async () => {
    database = await createMarket()
    search = withSearch ? createSearch() : undefined
    await placeOrders(database, 6_000)
    const address = { database: database.url, ...(search && { search: search.url, indexPrefix: search.prefix }) }
    const targets = { table: {}, view: {}, ...(search && { search: { indexRefresh: '20ms' as const } }) }
    const config = resolveConfig(marketConfig(address, { [name]: { ...plainOrder, targets } }))
    toolkit = await openToolkit(config)
    applications = [await openToolkit(config), await openToolkit(config)]
    for (const target of toolkit.targets.keys()) await rebuild(toolkit, target)
    worker = await startWorker(toolkit)
    await whenApplied(database.url, fed())
    steps = writeSteps(database)
  })
  afterAll(async () => {
    await steps?.stop()
    await worker?.stop()
    for (const one of applications ?? []) await one.close()
    await toolkit?.close()
    await search?.close()
    await database?.close()
  })

  const fed = () =>
    [...toolkit.targets.values()].flatMap(({ fedBy, context }) => (fedBy === 'events' ? context.target : []))

  /** What goes backwards for somebody whose requests two applications answer in turns, and for a reader of the serving name. */
  async function watch(work: (reader: StepReader) => Promise<unknown>): Promise<string[]> {
    let turn = 0
    const reader = new StepReader((request) => {
      turn += 1
      return (applications[turn % 2] as Toolkit).readModel(name).find(request)
    })
    const inSql = new StepReader(() => database.pool.query(`select * from ${name} where order_id = any ($1)`, [orders]))
    const readOn = () => Promise.all([reader.readsOn(), inSql.readsOn()])
    try {
      await readOn()
      await work(reader)
      await readOn()
    } finally {
      await reader.stop()
      await inSql.stop()
    }
    return [...reader.backwards, ...inSql.backwards]
  }

  const served = async () => (await (applications[0] as Toolkit).readModel(name).find()).target
  const shownInSql = async () => {
    const { rows } = await database.pool.query(`select obj_description('public.${name}'::regclass) as comment`)
    return rows[0].comment as string
  }

  const tour = (
    withSearch ? ['view', 'search', 'table', 'search', 'view', 'table'] : ['view', 'table']
  ) as ReadableTarget[]

  it.each(tour.map((to, place) => [tour[place - 1] ?? 'table', to] as const))(
    'shows nobody anything older, nothing empty and no error from %s to %s',
    async (from, to) => {
      let report: unknown
      expect(await watch(async () => (report = await switchTarget(toolkit, name, { to })))).toEqual([])
      expect(report).toMatchObject({ from: `${name}@${from}`, to: `${name}@${to}`, reset: false })
      expect(await served()).toBe(`${name}@${to}`)
      expect(await shownInSql()).toContain(`__${to === 'search' ? from : to}_g`)
    },
  )

  /** Switches with less than it takes, after a reader has seen more of the table than the view shows. */
  const switchWith = async (to: ReadableTarget, cover: boolean, reader: StepReader) => {
    const choice = await choiceOf(toolkit, name, { to })
    const next = toolkit.target(choice.to)
    const patience = { end: performance.now() + 90_000, timeout: 90_000, signal: AbortSignal.timeout(90_000) }
    if (cover) await untilCovers(toolkit, next, patience)
    await reader.seesMore()
    await commitSwitch(toolkit, choice, next, { check: async () => {}, end: patience.end })
    await reader.seesLess()
  }

  it('goes backwards without waiting for the new target (mutant)', async () => {
    expect(await watch((reader) => switchWith('view', false, reader))).not.toEqual([])
    await switchTarget(toolkit, name, { to: 'table' })
  })

  it('goes backwards without holding the old target still (mutant)', async () => {
    expect(await watch((reader) => switchWith('view', true, reader))).not.toEqual([])
    await switchTarget(toolkit, name, { to: 'table' })
  })
})
