// Starts the engines that every test file shares, except those whose address is given by DATABASE_URL or OPENSEARCH_URL.

import type { TestProject } from 'vitest/node'
import { findOnPath } from '../../packages/stack/src/find-on-path.ts'
import { type Stack, startStack } from '../../packages/stack/src/index.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A superuser's address of PostgreSQL, with prepared transactions enabled where it was started here. */
    databaseUrl: string
    /** OpenSearch's address, or an empty string where there is none. */
    openSearchUrl: string
    /** Why there is no OpenSearch. */
    openSearchUnavailable: string
    /** The redis-server binary, or an empty string where there is none. */
    redisServer: string
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const onlyPostgres = process.env.TRIFOLD_TEST_ONLY_POSTGRES === '1'
  const stack = await startStack({
    openSearch: !onlyPostgres,
    postgresSettings: { max_prepared_transactions: '20', max_connections: '200' },
  })
  const unavailable = onlyPostgres ? 'TRIFOLD_TEST_ONLY_POSTGRES is set' : (stack.openSearchUnavailable ?? '')
  if (unavailable !== '') await sayOrFail(stack, unavailable)
  project.provide('databaseUrl', stack.databaseUrl ?? '')
  project.provide('openSearchUrl', stack.openSearchUrl ?? '')
  project.provide('openSearchUnavailable', unavailable)
  project.provide('redisServer', (await findOnPath('redis-server', process.env)) ?? '')
  return () => stack.stop()
}

/** A green run without OpenSearch would be a false one where nobody reads the output. */
async function sayOrFail(stack: Stack, unavailable: string): Promise<void> {
  if (process.env.CI) {
    await stack.stop()
    throw new Error(`the tests need OpenSearch, and it could not be started: ${unavailable}`)
  }
  process.stderr.write(`tests that need OpenSearch are skipped: ${unavailable}\n`)
}
