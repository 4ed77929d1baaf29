import type { Client } from '@opensearch-project/opensearch'
import pg from 'pg'
import { openSearchClient } from '../src/opensearch/client.ts'
import { type Generation, servingGeneration } from '../src/schema/generations.ts'
import type { Toolkit } from '../src/toolkit.ts'
import { type ApiClient, openApi } from './api/client.ts'
import { latencies } from './api/latency.ts'
import type { Bench, BenchContext } from './bench.ts'
import { withBuiltOrders } from './built-orders.ts'
import { type Figure, figureOf, median } from './figure.ts'

const bench = 'api'
const pageSize = 20
/** What a request may cost beside a tenth of the driver's own time, in milliseconds. */
const allowance = 1

/** A question to the API, and the same one to the driver. The number tells the row. */
interface Question {
  name: string
  api(order: number): Promise<unknown>
  driver(order: number): Promise<unknown>
}

/** How long the API takes beside the bare driver, for one client and for sixteen. */
export const apiCost: Bench = {
  name: bench,
  search: true,
  title: 'answers of the HTTP API against the same query through the bare driver',
  run: (context) =>
    withBuiltOrders(context, 'bench_api', { table: {} }, async (toolkit) => {
      const { searchUrl } = context
      const targets = { table: {}, ...(searchUrl && { search: {} }) }
      const api = await openApi({ orders: { database: toolkit.config.database, search: searchUrl, targets } })
      const pool = new pg.Pool({ connectionString: toolkit.config.database, max: 16 })
      const client = searchUrl === undefined ? undefined : openSearchClient({ url: searchUrl })
      try {
        const questions = [
          ...tableQuestions(api, pool, (await servingGeneration(toolkit.pool, 'order_summary@table')) as Generation),
          ...(client ? await indexQuestions(api, client, toolkit) : []),
        ]
        return await measured(context, questions)
      } finally {
        await api.close()
        await pool.end()
        await client?.close()
      }
    }),
}

const find = (api: ApiClient, from: string, where: object, limit: number) =>
  api.ask('order_summary', 'find', { from, where, limit })

function tableQuestions(api: ApiClient, pool: pg.Pool, { storage }: Generation): Question[] {
  const select = `select * from trifold.${storage}`
  return [
    {
      name: 'a row of a table',
      api: (order) => find(api, 'table', { order_id: order }, 1),
      driver: (order) => pool.query({ name: 'row', text: `${select} where order_id = $1`, values: [order] }),
    },
    {
      name: `${pageSize} rows of a table`,
      api: (order) => find(api, 'table', { order_id: { gte: order } }, pageSize),
      driver: (order) =>
        pool.query({
          name: 'page',
          text: `${select} where order_id >= $1 order by order_id limit ${pageSize}`,
          values: [order],
        }),
    },
  ]
}

async function indexQuestions(api: ApiClient, client: Client, { pool }: Toolkit): Promise<Question[]> {
  const { storage } = (await servingGeneration(pool, 'order_summary@search')) as Generation
  const search = (filter: object, size: number) =>
    client.search({ index: storage, body: { query: { bool: { filter } }, size, sort: [{ order_id: 'asc' }] } as never })
  return [
    {
      name: 'a row of an index',
      api: (order) => find(api, 'search', { order_id: order }, 1),
      driver: (order) => search({ term: { order_id: order } }, 1),
    },
    {
      name: `${pageSize} rows of an index`,
      api: (order) => find(api, 'search', { order_id: { gte: order } }, pageSize),
      driver: (order) => search({ range: { order_id: { gte: order } } }, pageSize),
    },
  ]
}

async function measured({ options, log }: BenchContext, questions: Question[]): Promise<Figure[]> {
  const figures: Figure[] = []
  const milliseconds = (options.seconds * 1_000) / 5
  for (const { name, api, driver } of questions)
    for (const clients of [1, 16]) {
      const p50 = async (ask: Question['api']) =>
        median(await latencies(clients, milliseconds, (count) => ask(1 + ((count * 7_919) % (options.events - 100)))))
      const [rounds, control]: [number[], number[]] = [[], []]
      for (let round = 0; round <= options.rounds; round++) {
        const [own, bare] = [await p50(api), await p50(driver)]
        log(`${name}, ${clients} clients: ${own.toFixed(2)} ms over HTTP, ${bare.toFixed(2)} ms through the driver`)
        if (round === 0) continue
        rounds.push(Math.max(0, own - allowance))
        control.push(bare)
      }
      figures.push(
        figureOf({
          bench,
          name: `${name}, ${clients} at once, p50 less ${allowance} ms`,
          unit: 'ms',
          rounds,
          control: { name: 'the driver', rounds: control },
          goal: { of: 'ratio', atMost: 1.1 },
        }),
      )
    }
  return figures
}
