import { openSearchClient } from '../src/opensearch/client.ts'
import { rebuildTarget } from '../src/rebuild.ts'
import { openToolkit, type Toolkit } from '../src/toolkit.ts'
import type { Bench } from './bench.ts'
import { withBuiltOrders } from './built-orders.ts'
import { figureOf } from './figure.ts'
import { dropIndexes } from './search-backlog/indexes.ts'
import { sendAlone } from './search-backlog/raw-bulk.ts'
import { openRecorder } from './search-backlog/recorder.ts'

const bench = 'search-load'
const target = 'order_summary@search'

/** How fast a new index is filled and served, against its bulk requests sent again without anything else. */
export const searchLoad: Bench = {
  name: bench,
  title: 'A new index against its bulk requests alone',
  search: true,
  run: (context) =>
    withBuiltOrders(context, 'bench_search_load', {}, async (toolkit) => {
      const { options, log } = context
      const url = context.searchUrl as string
      const client = openSearchClient({ url })
      const [built, alone, cpu]: [number[], number[], number[]] = [[], [], []]
      try {
        const bodies = await requestsOf(toolkit, url)
        // The first round warms the engine up, and is not counted.
        for (let round = 0; round <= options.rounds; round++) {
          const used = process.cpuUsage()
          const seconds = await secondsOf(() => build(toolkit))
          const { user, system } = process.cpuUsage(used)
          const bare = await sendAlone(client, url, toolkit.target(target).context.definition, bodies)
          const node = (user + system) / 1e6
          log(`${seconds.toFixed(1)} s, its requests alone ${bare.toFixed(1)} s; CPU of Node.js ${node.toFixed(1)} s`)
          if (round === 0) continue
          built.push(options.events / seconds)
          alone.push(options.events / bare)
          cpu.push(node)
        }
      } finally {
        await dropIndexes(client)
        await client.close()
      }
      const control = { name: 'the same bulk requests alone', rounds: alone }
      const goal = { of: 'ratio' as const, atLeast: 0.7 }
      return [
        figureOf({ bench, name: 'rows', unit: 'rows/s', rounds: built, control, goal }),
        figureOf({ bench, name: 'CPU of Node.js', unit: 's', rounds: cpu }),
      ]
    }),
}

const build = (toolkit: Toolkit) => rebuildTarget(toolkit.target(target), 'bench', { evenIfFit: true })

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1_000
}

/** The requests of one build, which is not measured. */
async function requestsOf({ config }: Toolkit, url: string): Promise<Buffer[]> {
  const recorder = await openRecorder(url)
  const recorded = await openToolkit({ ...config, search: { ...config.search, url: recorder.url } } as typeof config)
  try {
    await build(recorded)
    return recorder.bodies
  } finally {
    await recorded.close()
    await recorder.close()
  }
}
