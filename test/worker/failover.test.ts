import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { migrate } from '../../src/migrate.ts'
import { adoptTarget } from '../../src/operator/adopt.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { startWorker, type Worker } from '../../src/worker.ts'
import { Cluster, clusterUnavailable } from '../support/cluster.ts'
import { expectAgreement } from '../support/market/agreement.ts'
import { Load } from '../support/market/load.ts'
import { marketConfig, marketTables } from '../support/market.ts'
import { Observed } from '../support/observed.ts'
import { createSearch, type TestSearch } from '../support/search.ts'
import { until } from '../support/until.ts'

vi.hoisted(() => {
  process.env.TRIFOLD_LEASE_MS = '1500'
})

const unavailable = clusterUnavailable() || (inject('openSearchUrl') === '' ? 'there is no OpenSearch' : '')

describe.skipIf(unavailable !== '')('a database whose history branches', () => {
  const clusters: Cluster[] = []
  let search: TestSearch
  let toolkit: Toolkit | undefined
  let worker: Worker | undefined
  let load: Load | undefined
  const observed = new Observed()

  beforeAll(async () => {
    search = createSearch()
    const primary = await Cluster.create()
    clusters.push(primary)
    await migrate(primary.url)
    await primary.query(marketTables)
  })
  afterAll(async () => {
    await stop()
    for (const cluster of clusters) await cluster.close()
    await search?.close()
  })

  const run = async (url: string, indexes = { search: search.url, indexPrefix: search.prefix }) => {
    observed.forget()
    toolkit = await openToolkit(resolveConfig(marketConfig({ database: url, ...indexes })))
    worker = await startWorker(toolkit, { observe: observed.observe })
    load = await Load.open(url, 7)
  }
  const stop = async () => {
    await load?.close().catch(() => {})
    await worker?.stop()
    await toolkit?.close()
    load = worker = toolkit = undefined
  }
  /** Writes for a moment, then compares all targets. Returns a commit token of the end. */
  const writeAndCompare = async (url: string): Promise<string> => {
    const target = load!.transactions + 40
    load!.run()
    await until('transactions', () => load!.transactions >= target)
    await load!.pause()
    await expectAgreement(url, toolkit!.targets.values()).catch((error) => {
      throw new Error(`${error.message}\n${observed.text()}`)
    })
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      await client.query('begin')
      await client.query('select pg_current_xact_id()')
      return await toolkit!.token(client)
    } finally {
      await client.query('commit')
      await client.end()
    }
  }
  const refusesToken = (token: string) =>
    expect(toolkit!.readModel('plain_order').find({ after: token })).rejects.toMatchObject({ code: 'ERA_MISMATCH' })
  /** The old primary is still there, and so is a worker of it: it leaves the indexes alone. */
  const expectRefused = async (url: string) => {
    const old = new Observed()
    const models = marketConfig({ database: url, search: search.url, indexPrefix: search.prefix })
    const left = await openToolkit(resolveConfig(models))
    const zombie = await startWorker(left, { observe: old.observe })
    const refused = () => old.of('target.retrying').filter(({ error }) => error.code === 'INDEX_OWNED')
    await until('every index is refused', () => new Set(refused().map(({ target }) => target)).size === 3)
    expect(refused()[0]?.error.message).toMatch(
      /belongs to timeline 0*2 of this database, .* another was promoted since/,
    )
    expect(old.of('rebuild.started')).toEqual([])
    await zombie.stop()
    await left.close()
  }
  const built = () =>
    observed
      .of('rebuild.started')
      .map(({ target }) => target)
      .sort()

  it('goes on after a restart of the server, as if nothing had been', async () => {
    const [cluster] = clusters as [Cluster]
    await run(cluster.url)
    await writeAndCompare(cluster.url)
    await cluster.stop()
    await cluster.start()
    observed.forget()
    await load?.close().catch(() => {})
    load = await Load.open(cluster.url, 8)
    expect(await writeAndCompare(cluster.url)).toMatch(/^1-/)
    expect(built()).toEqual([])
    await stop()
  })

  it('notices a snapshot of the volume that was put back under a worker: tables as they are, old tokens refused', async () => {
    const [cluster] = clusters as [Cluster]
    await run(cluster.url, {} as never)
    await writeAndCompare(cluster.url)
    await cluster.stop('SIGINT')
    const putBack = await cluster.snapshot()
    await cluster.start()
    await load?.close().catch(() => {})
    load = await Load.open(cluster.url, 9)
    const token = await writeAndCompare(cluster.url)
    observed.forget()
    await cluster.stop()
    await putBack()
    await cluster.start()
    await observed.when('era.began')
    expect(observed.of('era.began')).toEqual([{ kind: 'era.began', era: 2, reason: 'log' }])
    await load?.close().catch(() => {})
    load = await Load.open(cluster.url, 10)
    expect(await writeAndCompare(cluster.url)).toMatch(/^2-/)
    expect(built()).toEqual([])
    await refusesToken(token)
    await stop()
  })

  it('goes on after a failover that lost the tail: tables as they are, indexes rebuilt, old tokens refused', async () => {
    const [primary] = clusters as [Cluster]
    await run(primary.url)
    await writeAndCompare(primary.url)
    const standby = await primary.standby()
    clusters.push(standby)
    const token = await writeAndCompare(primary.url) // the standby never hears of it, the indexes have
    await primary.stop()
    await stop()

    await standby.start()
    await standby.promote()
    await run(standby.url)
    expect(await writeAndCompare(standby.url)).toMatch(/^3-/)
    expect(built()).toEqual(['day_total@search', 'pictured_order@search', 'plain_order@search'])
    expect(observed.of('era.began')).toMatchObject([{ era: 3, reason: 'timeline' }])
    await refusesToken(token)
    await primary.start()
    await expectRefused(primary.url)
    await primary.stop()
    expect(await writeAndCompare(standby.url)).toMatch(/^3-/)
    expect(observed.of('rebuild.started')).toHaveLength(3)
    await stop()
  })

  it('rebuilds everything where a dump was restored into another cluster, once it has adopted the indexes', async () => {
    const standby = clusters[1] as Cluster
    const restored = await Cluster.create()
    clusters.push(restored)
    await restored.restore(await standby.dump())
    await standby.stop()
    await run(restored.url)
    await until('an index is refused', () =>
      observed.of('target.retrying').some(({ error }) => error.code === 'INDEX_OWNED'),
    )
    for (const name of toolkit!.targetNames.filter((one) => one.endsWith('@search'))) await adoptTarget(toolkit!, name)
    expect(await writeAndCompare(restored.url)).toMatch(/^4-/)
    expect(built()).toHaveLength(6)
    expect(observed.of('era.began')).toMatchObject([{ era: 4, reason: 'cluster' }])
  })
})
