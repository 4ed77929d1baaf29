import type { Client } from '@opensearch-project/opensearch'
import { openSearchClient } from '../src/opensearch/client.ts'
import { rebuildTarget } from '../src/rebuild.ts'
import { type Generation, servingGeneration } from '../src/schema/generations.ts'
import { openToolkit } from '../src/toolkit.ts'
import { type ApiClient, openApi } from './api/client.ts'
import { createProducts, productConfig, typed } from './api/products.ts'
import type { Bench, BenchContext } from './bench.ts'
import { type Figure, figureOf, percentile } from './figure.ts'
import { settle } from './orders.ts'

const bench = 'keystroke'
const readModel = 'product_card'
const rowsOfPage = 12

/** From a letter that is typed to rows with highlights and two facets, over HTTP. */
export const keystroke: Bench = {
  name: bench,
  search: true,
  title: 'from a letter that is typed to rows and facets, against one bare request with the same fields',
  async run(context) {
    const { options, searchUrl, createDatabase } = context
    const { pool, url } = await createDatabase('bench_keystroke')
    await createProducts(pool, url, options.events)
    await settle(pool)
    const products = { database: url, search: searchUrl as string }
    const toolkit = await openToolkit(productConfig(url, products.search))
    const client = openSearchClient({ url: products.search })
    try {
      for (const materializer of toolkit.targets.values()) await rebuildTarget(materializer, 'bench')
      const { storage } = (await servingGeneration(toolkit.pool, `${readModel}@search`)) as Generation
      await client.indices.forcemerge({ index: storage, max_num_segments: 5 }, { requestTimeout: 600_000 })
      const api = await openApi({ products })
      try {
        return [await measured(context, api, client, storage)]
      } finally {
        await api.close()
      }
    } finally {
      await client.close()
      await toolkit.close()
    }
  },
}

/** Everything that is typed, a letter at a time. The first round is not counted. */
async function measured(
  { options, log }: BenchContext,
  api: ApiClient,
  client: Client,
  index: string,
): Promise<Figure> {
  const [rounds, control]: [number[], number[]] = [[], []]
  for (let round = 0; round <= options.rounds; round++) {
    const own = await p95((words) => page(api, words))
    const bare = await p95((words) => bareRequest(client, index, words))
    log(`p95 ${own.toFixed(1)} ms over HTTP, ${bare.toFixed(1)} ms for one bare request`)
    if (round === 0) continue
    rounds.push(own)
    control.push(bare)
  }
  return figureOf({
    bench,
    name: `a letter to rows and facets, ${options.events.toLocaleString('en')} documents, p95`,
    unit: 'ms',
    rounds,
    control: { name: 'one bare request', rounds: control },
    goal: { of: 'value', atMost: 80 },
  })
}

async function p95(ask: (words: string) => Promise<unknown>): Promise<number> {
  const took: number[] = []
  for (const words of typed)
    for (let letters = 1; letters <= words.length; letters++) {
      const began = performance.now()
      await ask(words.slice(0, letters))
      took.push(performance.now() - began)
    }
  return percentile(took, 0.95)
}

/** What a search page asks for: a page with highlights, and two facets. */
const page = (api: ApiClient, text: string): Promise<unknown> =>
  Promise.all([
    api.ask(readModel, 'find', { text, highlight: true, total: true, limit: rowsOfPage }),
    api.ask(readModel, 'summarize', { text, group: 'category', limit: rowsOfPage }),
    api.ask(readModel, 'summarize', { text, group: 'brand', limit: rowsOfPage }),
  ])

const bareRequest = (client: Client, index: string, query: string): Promise<unknown> =>
  client.search({
    index,
    body: {
      query: { multi_match: { query, type: 'bool_prefix', fields: ['name', 'brand'], operator: 'and' } },
      size: rowsOfPage,
      track_total_hits: true,
      aggs: {
        category: { terms: { field: 'category', size: rowsOfPage } },
        brand: { terms: { field: 'brand', size: rowsOfPage } },
      },
    } as never,
  })
