import { startStack } from '../packages/stack/src/index.ts'
import { apiCost } from './api.ts'
import { appendCost } from './append.ts'
import type { Bench, BenchContext } from './bench.ts'
import { type BenchDatabase, createDatabase } from './database.ts'
import { exporting } from './export.ts'
import { feedHead } from './feed-head.ts'
import type { Figure } from './figure.ts'
import { keystroke } from './keystroke.ts'
import { manyTargets } from './many-targets.ts'
import { type BenchOptions, readOptions, usage } from './options.ts'
import { disturbance } from './quiet.ts'
import { quietWorker } from './quiet-worker.ts'
import { relaying } from './relay.ts'
import { relevance } from './relevance.ts'
import { printJson, printTable } from './report.ts'
import { retentionBytes } from './retention.ts'
import { searchBacklog } from './search-backlog.ts'
import { searchFreshness } from './search-freshness.ts'
import { searchLoad } from './search-load.ts'
import { tableBacklog } from './table-backlog.ts'
import { tableFreshness } from './table-freshness.ts'
import { verifying } from './verify.ts'
import { viewRefresh } from './view-refresh.ts'

const benches: readonly Bench[] = [
  tableBacklog,
  searchBacklog,
  searchLoad,
  tableFreshness,
  quietWorker,
  manyTargets,
  searchFreshness,
  viewRefresh,
  verifying,
  exporting,
  apiCost,
  keystroke,
  appendCost,
  feedHead,
  retentionBytes,
  relaying,
  relevance,
]

const log = (line: string) => process.stderr.write(`${line}\n`)

try {
  await main(readOptions(process.argv.slice(2)))
} catch (error) {
  log(`bench: ${(error as Error).stack}\n${usage}\nbenchmarks: ${benches.map(({ name }) => name).join(', ')}`)
  process.exitCode = 1
}

async function main(options: BenchOptions): Promise<void> {
  const chosen = choose(options.only)
  const before = await disturbance('before')
  if (before) log(before)
  const figures = await withEngines(chosen, options)
  const disturbances = [before, await disturbance('after')].filter((one) => one !== undefined)
  if (options.json) printJson(figures, options, disturbances)
  else printTable(figures, disturbances)
}

async function withEngines(chosen: readonly Bench[], options: BenchOptions): Promise<Figure[]> {
  const stack = await startStack({
    openSearch: chosen.some(({ search }) => search),
    kafka: chosen.some(({ kafka }) => kafka),
    postgresSettings: { max_connections: '200' },
  })
  try {
    const engines = {
      databaseUrl: stack.databaseUrl,
      searchUrl: stack.openSearchUrl,
      kafkaBrokers: stack.kafkaBrokers,
    }
    if (stack.openSearchUnavailable) log(`without OpenSearch: ${stack.openSearchUnavailable}`)
    if (stack.kafkaUnavailable) log(`without Kafka: ${stack.kafkaUnavailable}`)
    const figures: Figure[] = []
    for (const bench of chosen) {
      if ((bench.search && !engines.searchUrl) || (bench.kafka && !engines.kafkaBrokers)) continue
      log(`${bench.name}: ${bench.title}`)
      figures.push(...(await runBench(bench, { ...engines, options, log })))
    }
    return figures
  } finally {
    await stack.stop()
  }
}

async function runBench(bench: Bench, given: Omit<BenchContext, 'createDatabase'>): Promise<Figure[]> {
  const databases: BenchDatabase[] = []
  const create = async (name: string) => {
    const database = await createDatabase(given.databaseUrl, name)
    databases.unshift(database)
    return database
  }
  try {
    return await bench.run({ ...given, createDatabase: create })
  } finally {
    for (const database of databases) await database.close()
  }
}

function choose(only: string[]): readonly Bench[] {
  const unknown = only.find((name) => !benches.some((bench) => bench.name === name))
  if (unknown) throw new Error(`there is no benchmark ${unknown}`)
  return only.length === 0 ? benches : benches.filter(({ name }) => only.includes(name))
}
