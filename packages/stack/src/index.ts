import { TrifoldError } from 'trifold/internal/errors'
import type { Engine } from './engine.ts'
import { startKafka } from './kafka.ts'
import { startOpenSearch } from './opensearch.ts'
import { startPostgres } from './postgres.ts'
import type { ReportProgress } from './progress.ts'
import { publishStack } from './published.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

export type { StackProgress } from './progress.ts'
export { progressLines } from './progress-lines.ts'

/** What to start and how. */
export interface StackOptions {
  /** Where data and logs are kept; by default a temporary folder that is removed at the end. */
  dataDir?: string | undefined
  /** Whether to start PostgreSQL; true by default. */
  postgres?: boolean | undefined
  /** Whether to start OpenSearch; true by default. */
  openSearch?: boolean | undefined
  /** Whether to start Kafka; false by default. */
  kafka?: boolean | undefined
  /** The loopback port of PostgreSQL; a free one by default. */
  postgresPort?: number | undefined
  /** The loopback port of OpenSearch; a free one by default. */
  openSearchPort?: number | undefined
  /** The loopback port of Kafka; a free one by default. */
  kafkaPort?: number | undefined
  /** PostgreSQL's settings by name, as in postgresql.conf. */
  postgresSettings?: Record<string, string> | undefined
  /** OpenSearch's heap in Java's notation; 512m by default. */
  openSearchHeap?: string | undefined
  /** Where to look for Java beside the environment and the PATH; the usual folders by default. */
  jvmFolders?: string[] | undefined
  /** The environment that names given engines and tools; `process.env` by default. */
  env?: NodeJS.ProcessEnv | undefined
  /** Called with the beginning, progress and end of every step. */
  progress?: ReportProgress | undefined
  /** Gives the start up; what was started by then is stopped. */
  signal?: AbortSignal | undefined
}

/** The engines of a running stack. */
export interface Stack {
  /** PostgreSQL's address; empty only if `postgres: false` kept it from being started. */
  databaseUrl: string
  /** OpenSearch's address; may hold `user:password@`. */
  openSearchUrl?: string | undefined
  /** Why there is no OpenSearch although it was asked for, and what to install. */
  openSearchUnavailable?: string | undefined
  /** Kafka's addresses: `127.0.0.1:9092`, several with commas in between. */
  kafkaBrokers?: string | undefined
  /** Why there is no Kafka although it was asked for, and what to install. */
  kafkaUnavailable?: string | undefined
  /** The given Redis; without one, BullMQ runs on the PostgreSQL. */
  redisUrl?: string | undefined
  /** The certificate authority of a given OpenSearch. */
  openSearchCa?: string | undefined
  /** The engines that this stack started; given ones are not among them. */
  engines: Engine[]
  /**
   * Lets other processes find and stop this stack by the working folder that it serves, and with `detach` lets it outlive
   * this process. Throws `STACK_FAILED` when another stack serves the folder.
   */
  publish(options: { folder: string; detach: boolean }): Promise<void>
  /** The process that holds the engines. */
  supervisorPid: number
  /** Whether another process has asked for the stop of a published stack. */
  isStopping(): boolean
  /** Stops what was started and removes the temporary folder. May be called more than once. */
  stop(): Promise<void>
}

/**
 * Starts PostgreSQL and OpenSearch, and Kafka if it is asked for, all at once, except those whose address is given by
 * `DATABASE_URL`, `OPENSEARCH_URL` or `KAFKA_BROKERS`; `REDIS_URL` is passed on. What is started ends with this process, however it
 * ends. Without Java or Maven the stack comes up without OpenSearch and Kafka and says why. Throws `STACK_FAILED` when PostgreSQL cannot be started.
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const env = options.env ?? process.env
  const wantPostgres = (options.postgres ?? true) && !env.DATABASE_URL
  const wantOpenSearch = (options.openSearch ?? true) && !env.OPENSEARCH_URL
  const wantKafka = (options.kafka ?? false) && !env.KAFKA_BROKERS
  const given = {
    databaseUrl: env.DATABASE_URL ?? '',
    openSearchUrl: options.openSearch === false ? undefined : env.OPENSEARCH_URL || undefined,
    openSearchCa: env.OPENSEARCH_CA || undefined,
    kafkaBrokers: env.KAFKA_BROKERS || undefined,
    redisUrl: env.REDIS_URL || undefined,
  }
  const workspace = await openWorkspace({ ...options, env, report: options.progress ?? (() => {}) })
  try {
    const started = await startEngines(workspace, options, { wantPostgres, wantOpenSearch, wantKafka })
    const stack: Stack = {
      ...given,
      ...started,
      publish: ({ folder, detach }) => publishStack(workspace, stack, folder, detach),
      supervisorPid: workspace.supervisor.pid,
      isStopping: workspace.supervisor.isStopping,
      stop: workspace.supervisor.stop,
    }
    return stack
  } catch (error) {
    await workspace.supervisor.stop()
    throw error
  }
}

async function startEngines(
  workspace: Workspace,
  options: StackOptions,
  { wantPostgres, wantOpenSearch, wantKafka }: Record<'wantPostgres' | 'wantOpenSearch' | 'wantKafka', boolean>,
) {
  const [postgres, openSearch, kafka] = await allOrNone(workspace, (together) => [
    wantPostgres
      ? startPostgres(together, { port: options.postgresPort, settings: options.postgresSettings })
      : Promise.resolve(undefined),
    wantOpenSearch ? orSayWhyNot(startSearch(together, options)) : Promise.resolve(undefined),
    wantKafka ? orSayWhyNot(startBroker(together, options)) : Promise.resolve(undefined),
  ])
  const search = typeof openSearch === 'object' ? openSearch : undefined
  const broker = typeof kafka === 'object' ? kafka : undefined
  return {
    ...(typeof openSearch === 'string' ? { openSearchUnavailable: openSearch } : {}),
    ...(postgres === undefined ? {} : { databaseUrl: postgres.url }),
    ...(search === undefined ? {} : { openSearchUrl: search.url }),
    ...(typeof kafka === 'string' ? { kafkaUnavailable: kafka } : {}),
    ...(broker === undefined ? {} : { kafkaBrokers: `127.0.0.1:${broker.port}` }),
    engines: [postgres, search, broker].filter((started) => started !== undefined),
  }
}

/** Starts all at once; when one fails it stops the others, and throws once all have ended. */
async function allOrNone<T extends Promise<unknown>[]>(
  workspace: Workspace,
  start: (together: Workspace) => [...T],
): Promise<{ [K in keyof T]: Awaited<T[K]> }> {
  const failed = new AbortController()
  const signals = [failed.signal, workspace.signal].filter((signal) => signal !== undefined)
  const starting = start({ ...workspace, signal: AbortSignal.any(signals) })
  for (const one of starting) one.catch((error: unknown) => failed.abort(error))
  await Promise.allSettled(starting)
  failed.signal.throwIfAborted()
  return Promise.all(starting) as Promise<{ [K in keyof T]: Awaited<T[K]> }>
}

const startSearch = (workspace: Workspace, options: StackOptions): Promise<Engine> =>
  startOpenSearch(workspace, {
    port: options.openSearchPort,
    heap: options.openSearchHeap,
    jvmFolders: options.jvmFolders,
  })

const startBroker = (workspace: Workspace, options: StackOptions): Promise<Engine> =>
  startKafka(workspace, { port: options.kafkaPort, jvmFolders: options.jvmFolders })

async function orSayWhyNot(starting: Promise<Engine>): Promise<Engine | string> {
  try {
    return await starting
  } catch (error) {
    if (error instanceof TrifoldError) return error.message
    throw error
  }
}
