import { progressLines, startStack } from '@trifold/stack'
import type { Run } from '../demo/run.ts'
import type { WebOptions } from './options.ts'

/** Where the engines of the web front are. */
export interface Engines {
  databaseUrl: string
  searchUrl: string | undefined
}

/**
 * The engines that the environment or the command line names; those that neither names are started and end with the
 * run. Where PostgreSQL is given, OpenSearch is used only if it is given as well.
 */
export async function openEngines({ options, console, signal, say, atEnd }: Run<WebOptions>): Promise<Engines> {
  const databaseUrl = options.database ?? process.env.DATABASE_URL
  if (databaseUrl) return { databaseUrl, searchUrl: options.opensearch ? process.env.OPENSEARCH_URL : undefined }
  const progress = progressLines(console.stderr)
  const stack = await startStack({ openSearch: options.opensearch, progress, signal })
  atEnd(() => stack.stop())
  if (stack.openSearchUnavailable) {
    say(`Without OpenSearch, so with two targets: ${stack.openSearchUnavailable.replaceAll(/\s*\n\s*/g, ' ')}`)
  }
  return { databaseUrl: stack.databaseUrl, searchUrl: stack.openSearchUrl }
}
