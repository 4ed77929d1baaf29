// Runs the tests on other releases of the engines than those of `npm test`, and on these once more:
//   npm run test:matrix              everything that depends on an engine, on each pair
//   npm run test:matrix -- --short   what is nearest to the engines, on the oldest pair
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Cluster, clusterUnavailable } from '../test/support/cluster.ts'
import { startOpenSearch2 } from './matrix/opensearch-2.ts'

/** Statements and locks, windows, indexes, queries. */
const nearest = ['feed/scenarios', 'feed/tick.', 'outbox', 'consumer', 'materializers', 'query', 'era', 'facade']

/** Tests that start engines of their own or need none. */
const elsewhere = ['test/stack/**', 'test/project/**', 'test/worker/failover.test.ts', 'test/feed/standby.test.ts']

const short = process.argv.includes('--short')
const selection = short ? nearest.map((name) => `test/${name}`) : elsewhere.flatMap((pattern) => ['--exclude', pattern])

/** Runs the selection and returns Vitest's exit code. Without addresses the tests start the newest engines. */
async function runTests(addresses: NodeJS.ProcessEnv): Promise<number> {
  const env = { ...process.env, DATABASE_URL: '', OPENSEARCH_URL: '', ...addresses }
  const vitest = spawn('npx', ['vitest', 'run', ...selection], { env, stdio: 'inherit' })
  const [code] = await once(vitest, 'exit')
  return code ?? 1
}

async function onOldest(): Promise<number> {
  const unavailable = clusterUnavailable()
  if (unavailable) throw new Error(unavailable)
  const postgres = await Cluster.create({ max_connections: '200', max_prepared_transactions: '20' })
  try {
    const search = await startOpenSearch2()
    try {
      const { rows } = await postgres.query('show server_version')
      console.log(`on PostgreSQL ${rows[0].server_version} and OpenSearch 2.19`)
      return await runTests({ DATABASE_URL: postgres.url, OPENSEARCH_URL: search.url })
    } finally {
      await search.stop()
    }
  } finally {
    await postgres.close()
  }
}

async function onNewest(): Promise<number> {
  console.log('on the newest PostgreSQL and OpenSearch')
  return runTests({})
}

let failed = 0
for (const pair of short ? [onOldest] : [onOldest, onNewest]) failed += await pair()
process.exitCode = failed === 0 ? 0 : 1
