import { dirname } from 'node:path'
import type { Command } from 'commander'
import type { ResolvedConfig } from '../config.ts'
import type { Toolkit } from '../toolkit.ts'
import type { Console } from './console.ts'
import { loadExtension } from './extension.ts'

/** The options that every command with a configuration has. */
export interface ConfigOptions {
  config?: string
  json?: boolean
}

/** Adds `--config` and `--json`. */
export const withConfig = (command: Command): Command =>
  command
    .option('-c, --config <file>', 'the configuration (default: trifold.config.ts, .mjs or .js in this folder)')
    .option('--json', 'print the result as JSON')

/**
 * The configuration with its addresses. Those that neither it nor the environment names come from the stack that was
 * started for this folder.
 *
 * @throws CONFIG_NOT_FOUND, CONFIG_INVALID
 */
export const readConfiguration = async (console: Console, options: ConfigOptions): Promise<ResolvedConfig> =>
  (await readConfigurationFile(console, options)).config

/** The same, and the file that it was loaded from. */
export async function readConfigurationFile(
  console: Console,
  options: ConfigOptions,
): Promise<{ config: ResolvedConfig; file: string }> {
  const { loadConfig, resolveConfig } = await import('../config.ts')
  const { config, file } = await loadConfig(options.config)
  const named = config?.database ?? process.env.DATABASE_URL
  const env = named ? process.env : { ...(await stackAddresses(console)), ...process.env }
  return { config: resolveConfig(config, dirname(file), env), file }
}

/** What `@trifold/stack/published` exports, as far as it is used here. */
interface PublishedStacks {
  findStack(env: NodeJS.ProcessEnv, folder: string): Promise<FoundStack | undefined>
}

interface FoundStack {
  /** What the running stack answers; undefined if it is gone. */
  report?: unknown
  published: {
    databaseUrl: string
    openSearchUrl?: string | undefined
    openSearchCa?: string | undefined
    redisUrl?: string | undefined
  }
}

async function stackAddresses(console: Console): Promise<NodeJS.ProcessEnv> {
  const stack = await loadExtension<PublishedStacks>('stack', 'published')
  const found = await stack?.findStack(process.env, process.cwd())
  if (!found?.report) return {}
  console.stderr.write('using the stack of this folder (trifold stack status)\n')
  const { databaseUrl, openSearchUrl, openSearchCa, redisUrl } = found.published
  return {
    DATABASE_URL: databaseUrl,
    OPENSEARCH_URL: openSearchUrl,
    OPENSEARCH_CA: openSearchCa,
    REDIS_URL: redisUrl,
  }
}

/** Opens the toolkit of the configuration, runs `work`, and closes it. @param lockTimeout as `openToolkit` has it */
export async function withToolkit(
  console: Console,
  options: ConfigOptions,
  work: (toolkit: Toolkit) => Promise<void>,
  lockTimeout?: number,
): Promise<void> {
  const config = await readConfiguration(console, options)
  const { openToolkit } = await import('../toolkit.ts')
  const toolkit = await openToolkit(config, { lockTimeout })
  try {
    await work(toolkit)
  } finally {
    await toolkit.close()
  }
}
