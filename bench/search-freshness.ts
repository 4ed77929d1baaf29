import type { Client } from '@opensearch-project/opensearch'
import { openSearchClient } from '../src/opensearch/client.ts'
import type { Bench } from './bench.ts'
import { type Figure, figureOf, percentile } from './figure.ts'
import { clock } from './freshness/clock.ts'
import { buildTargets } from './freshness/prepare.ts'
import { measureLags, startProcesses } from './freshness/run.ts'
import { createOrders, type OrderSetup } from './orders.ts'
import { dropIndexes } from './search-backlog/indexes.ts'

const bench = 'search-freshness'
const rate = 500

/** A freshly started engine compiles itself for more than a minute, with half a core of this machine's few. */
const warmUpSeconds = 90

/** How long after its commit an event is found by a search. */
export const searchFreshness: Bench = {
  name: bench,
  title: 'From the commit of an event until a search finds it, at 500 events/s',
  search: true,
  async run({ searchUrl, options, createDatabase, log }) {
    const database = await createDatabase('bench_search_freshness')
    const search = searchUrl as string
    const setup: OrderSetup = { database: database.url, search, targets: { search: { indexRefresh: '50ms' } } }
    const { rounds } = options
    await createOrders(database.pool, database.url, rate * (warmUpSeconds + (options.seconds + 2) * (rounds + 1)))
    await buildTargets(setup)
    const client = openSearchClient({ url: search })
    const processes = await startProcesses(setup, 'order_summary@search')
    try {
      let next = 1
      const lagsOf = async (seconds: number): Promise<number[]> => {
        const from = next
        next += Math.ceil(rate * (seconds + 2))
        const lags = await measureLags(processes.writer, from, { rate, seconds }, finder(client, from))
        log(`p50 ${percentile(lags, 0.5).toFixed(0)} ms, p99 ${percentile(lags, 0.99).toFixed(0)} ms`)
        return lags
      }
      log(`for ${warmUpSeconds} s the engine compiles itself; not counted`)
      await lagsOf(warmUpSeconds)
      const measured: number[][] = []
      for (let round = 0; round < rounds; round++) measured.push(await lagsOf(options.seconds))
      return figuresOf(measured)
    } finally {
      await processes.close()
      await dropIndexes(client)
      await client.close()
    }
  },
}

/**
 * Looks time and again which further orders a search finds as paid; the time is that of the answer. How many there are is
 * asked first: until the next index refresh the engine answers that from its cache, and a look costs it next to nothing.
 */
function finder(client: Client, from: number): () => Promise<[number, number][]> {
  const found = new Set<number>()
  let lowest = from
  return async () => {
    const count = await countPaid(client, from)
    const at = clock()
    if (count === found.size) return []
    const fresh = (await paidOrders(client, lowest)).filter((order) => !found.has(order))
    for (const order of fresh) found.add(order)
    while (found.has(lowest)) lowest += 1
    return fresh.map((order) => [order, at])
  }
}

const index = 'bench-order_summary'

const paidFrom = (order: number) => ({
  bool: { filter: [{ term: { status: 'paid' } }, { range: { order_id: { gte: order, lt: order + 50_000 } } }] },
})

async function countPaid(client: Client, from: number): Promise<number> {
  const { body } = await client.search({ index, body: { size: 0, track_total_hits: true, query: paidFrom(from) } })
  return Number((body.hits.total as { value: number }).value)
}

async function paidOrders(client: Client, lowest: number): Promise<number[]> {
  const { body } = await client.search({
    index,
    body: { size: 5_000, _source: false, docvalue_fields: ['order_id'], query: paidFrom(lowest) },
  })
  return body.hits.hits.map((hit) => Number((hit.fields as { order_id: [number] }).order_id[0]))
}

function figuresOf(lags: number[][]): Figure[] {
  const limits = { p50: 100, p99: 250 }
  return (['p50', 'p99'] as const).map((of) =>
    figureOf({
      bench,
      name: of,
      unit: 'ms',
      rounds: lags.map((one) => percentile(one, of === 'p50' ? 0.5 : 0.99)),
      goal: { of: 'value', atMost: limits[of] },
    }),
  )
}
