import pg from 'pg'
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { migrate } from '../../src/migrate.ts'
import { adoptTarget } from '../../src/operator/adopt.ts'
import { status } from '../../src/operator/status.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { startWorker, type Worker } from '../../src/worker.ts'
import { Cluster, clusterUnavailable } from '../support/cluster.ts'
import { expectAgreement } from '../support/market/agreement.ts'
import { inOneTransaction, placeOrder } from '../support/market/writer.ts'
import { marketConfig, marketTables, plainOrder } from '../support/market.ts'
import { Observed } from '../support/observed.ts'
import { createSearch, type TestSearch } from '../support/search.ts'
import { until } from '../support/until.ts'

vi.hoisted(() => {
  process.env.TRIFOLD_LEASE_MS = '1500'
})

const unavailable = clusterUnavailable() || (inject('openSearchUrl') === '' ? 'there is no OpenSearch' : '')
const fed = ['plain_order@search', 'plain_order@table']
const refused = { code: 'INDEX_OWNED' }

/** A worker and an application of one database. */
class Site {
  readonly observed = new Observed()
  private readonly url: string
  private readonly toolkit: Toolkit
  private worker: Worker | undefined
  private pool: pg.Pool

  private constructor(url: string, toolkit: Toolkit) {
    this.url = url
    this.toolkit = toolkit
    this.pool = new pg.Pool({ connectionString: url }).on('error', () => {})
  }

  static async open(url: string, { url: address, prefix }: TestSearch): Promise<Site> {
    const config = marketConfig({ database: url, search: address, indexPrefix: prefix }, { plain_order: plainOrder })
    const site = new Site(url, await openToolkit(resolveConfig(config)))
    await site.work()
    return site
  }

  async work(): Promise<void> {
    this.worker = await startWorker(this.toolkit, { observe: this.observed.observe })
  }

  async rest(): Promise<void> {
    await this.worker?.stop()
  }

  /** Connects again after the server has restarted. */
  async reconnect(): Promise<void> {
    await this.pool.end()
    this.pool = new pg.Pool({ connectionString: this.url }).on('error', () => {})
  }

  /** @returns its commit token */
  place(id: number): Promise<string> {
    const order = { quantity: 1, productId: 1, day: '2026-01-01' }
    return inOneTransaction(this.pool, async (client) => {
      await placeOrder(client, id, order)
      return this.toolkit.token(client as never)
    })
  }

  async agrees(): Promise<void> {
    await expectAgreement(this.url, this.toolkit.targets.values()).catch((error) => {
      throw new Error(`${error.message}\n${this.observed.text()}`)
    })
  }

  async ids(from: 'search' | 'table', after?: string): Promise<unknown[]> {
    const { rows } = await this.toolkit
      .readModel('plain_order')
      .find({ from, ...(after && { after, timeout: '90s' }), sort: 'order_id' })
    return rows.map((row) => row.order_id)
  }

  async refusesTokens(...tokens: string[]): Promise<void> {
    for (const token of tokens)
      for (const from of ['table', 'search'] as const)
        await expect(this.ids(from, token)).rejects.toMatchObject({
          code: expect.stringMatching(/^(ERA_MISMATCH|INDEX_OWNED)$/),
        })
  }

  built(): string[] {
    return this.observed
      .of('rebuild.started')
      .map(({ target }) => target)
      .sort()
  }

  eras(): unknown[] {
    return this.observed.of('era.began').map(({ era, reason }) => [era, reason])
  }

  async whenRefused(): Promise<string> {
    const found = () => this.observed.of('target.retrying').find(({ error }) => error.code === refused.code)
    await until('its index is refused', () => found() !== undefined).catch((error) => {
      throw new Error(`${error.message}\n${this.observed.text()}`)
    })
    return found()?.error.message as string
  }

  async adopt(): Promise<string[]> {
    return (await adoptTarget(this.toolkit, 'plain_order@search')).indexes
  }

  async reason(target: string): Promise<string> {
    return (await status(this.toolkit)).targets.find((one) => one.target === target)?.reason ?? ''
  }

  async close(): Promise<void> {
    await this.rest()
    await this.pool.end()
    await this.toolkit.close()
  }
}

describe.skipIf(unavailable !== '')('a history that branches', () => {
  let search: TestSearch
  let clusters: Cluster[]
  let sites: Site[]

  beforeEach(() => {
    search = createSearch()
    clusters = []
    sites = []
  })
  afterEach(async () => {
    for (const site of sites) await site.close()
    for (const cluster of clusters) await cluster.close()
    await search.close()
  })

  const clusterOf = async (made: Promise<Cluster>, database?: string): Promise<Cluster> => {
    const cluster = await made
    clusters.push(cluster)
    if (database) await cluster.query(`create database ${database}`)
    await migrate(cluster.urlOf(database ?? 'postgres'))
    await cluster.query(marketTables, database)
    return cluster
  }
  const siteOf = async (url: string): Promise<Site> => {
    const site = await Site.open(url, search)
    sites.push(site)
    return site
  }

  it('by a recovery to a point in time, under a worker that goes on', async () => {
    const cluster = await clusterOf(Cluster.archived())
    await cluster.backup()
    const site = await siteOf(cluster.url)
    const tokens = [await site.place(1)]
    await site.agrees()
    await cluster.query(`select pg_create_restore_point('here')`)
    tokens.push(await site.place(2))
    await site.agrees()
    site.observed.forget()
    await cluster.recover('here')
    await site.reconnect()
    await until('the worker notices', () => site.eras().length > 0)
    const after = await site.place(3)
    await site.agrees()
    expect(await site.ids('search', after)).toEqual([1, 3])
    expect(site.eras()).toEqual([[2, 'timeline']])
    expect(site.built()).toEqual(['plain_order@search'])
    await site.refusesTokens(...tokens)
  })

  it('by a snapshot of the volume that is put back under a worker', async () => {
    const cluster = await clusterOf(Cluster.create())
    const site = await siteOf(cluster.url)
    const tokens = [await site.place(1)]
    await site.agrees()
    await cluster.stop('SIGINT')
    const putBack = await cluster.snapshot()
    await cluster.start()
    await site.reconnect()
    tokens.push(await site.place(2))
    await site.agrees()
    site.observed.forget()
    await cluster.stop()
    await putBack()
    await cluster.start()
    await site.reconnect()
    await until('the worker notices', () => site.eras().length > 0)
    const after = await site.place(3)
    await site.agrees()
    expect(await site.ids('search', after)).toEqual([1, 3])
    expect(site.eras()).toEqual([[2, 'log']])
    expect(site.built()).toEqual(['plain_order@search'])
    await site.refusesTokens(...tokens)
  })

  it('by a copy of the volume that a second server runs beside the original: its index stays, and is served', async () => {
    const cluster = await clusterOf(Cluster.create())
    const site = await siteOf(cluster.url)
    const before = await site.place(1)
    await site.agrees()
    await cluster.stop('SIGINT')
    const clone = await cluster.clone()
    clusters.push(clone)
    await cluster.start()
    await site.reconnect()
    const token = await site.place(2)
    await site.agrees()
    site.observed.forget()

    await clone.start()
    const second = await siteOf(clone.url)
    const message = await second.whenRefused()
    expect(message).toMatch(/ahead|another history/)
    expect(await second.reason('plain_order@search')).toContain('trifold target adopt plain_order@search')
    await expect(second.ids('search')).rejects.toMatchObject(refused)
    await second.refusesTokens(before, token)
    await second.place(7)
    await site.place(3)
    await site.agrees()
    expect(await site.ids('search')).toEqual([1, 2, 3])
    expect(site.observed.of('rebuild.started', 'era.began')).toEqual([])

    await second.adopt()
    await second.agrees()
    expect(await second.ids('search')).toEqual([1, 7])
    await site.place(4)
    await site.whenRefused()
    await until('its reads are refused', () =>
      site.ids('search').then(
        () => false,
        ({ code }) => code === refused.code,
      ),
    )
    await site.adopt()
    await site.agrees()
    expect(await site.ids('search')).toEqual([1, 2, 3, 4])
  })

  it('by a copy with the newest state of its original: the original notices that the copy has taken its index', async () => {
    const cluster = await clusterOf(Cluster.create())
    const site = await siteOf(cluster.url)
    await site.place(1)
    await site.agrees()
    const clone = await cluster.standby({ follows: false })
    clusters.push(clone)
    site.observed.forget()
    await clone.start()
    const second = await siteOf(clone.url)
    expect(await site.whenRefused()).toMatch(/is ahead: it was written under epoch/)
    await expect(site.ids('search')).rejects.toMatchObject(refused)
    expect(site.eras()).toEqual([[2, 'index']])
    await second.agrees()
    await site.adopt()
    await second.whenRefused()
    await site.place(2)
    await site.agrees()
    expect(await site.ids('search')).toEqual([1, 2])
  })

  it('by a dump that is restored twice, under another name and under its own, with a worker of before', async () => {
    const cluster = await clusterOf(Cluster.create(), 'market')
    const site = await siteOf(cluster.urlOf('market'))
    const tokens = [await site.place(1)]
    await site.agrees()
    const dump = await cluster.dump('market')
    tokens.push(await site.place(2))
    await site.agrees()
    await cluster.query('create database copy')
    await cluster.restore(dump, 'copy')
    const copy = await siteOf(cluster.urlOf('copy'))
    await copy.refusesTokens(...tokens)
    await copy.whenRefused()
    const other = await copy.place(9)
    expect(await copy.ids('table', other)).toEqual([1, 9])

    site.observed.forget()
    await cluster.query('drop database market with (force)')
    await cluster.query('create database market')
    await cluster.restore(dump, 'market')
    await site.reconnect()
    await until('the worker notices', () => site.eras().length > 0)
    await site.whenRefused()
    await site.refusesTokens(...tokens, other)
    await site.adopt()
    const after = await site.place(3)
    await site.agrees()
    expect(await site.ids('search', after)).toEqual([1, 3])
    expect(site.eras()).toEqual([[2, 'database']])
    expect(site.built()).toEqual(fed)
    await copy.refusesTokens(...tokens, after)
  })

  it('by a copy from a template, with workers of both', async () => {
    const cluster = await clusterOf(Cluster.create(), 'market')
    const site = await siteOf(cluster.urlOf('market'))
    const token = await site.place(1)
    await site.agrees()
    await site.rest()
    await cluster.query(`select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = 'market'`)
    await cluster.query('create database copy template market')
    await site.work()
    const copy = await siteOf(cluster.urlOf('copy'))
    await copy.whenRefused()
    await copy.refusesTokens(token)
    const other = await copy.place(9)
    expect(await copy.ids('table', other)).toEqual([1, 9])
    await site.place(2)
    await site.agrees()
    expect(site.eras()).toEqual([])
    expect(await site.ids('search', token)).toEqual([1, 2])
    await site.refusesTokens(other)
  })
})
