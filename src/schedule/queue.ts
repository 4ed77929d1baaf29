import type { JobsOptions, Processor, WorkerOptions } from 'bullmq'
import { checkRedis } from './redis.ts'

/** What a job is about. */
export interface JobData {
  target: string
  /** When the target is, or was, due, by the database's clock, in milliseconds since 1970. */
  due?: number
  /** Of a tick: the timing for which it was armed. */
  timing?: string
  /** How often a process that does not run the target has passed the job on. */
  passes?: number
}

/** A job in the queue. */
export interface QueuedJob {
  name: string
  data: JobData
  /** When it was added, by the clock of the machine that added it, in milliseconds since 1970. */
  timestamp: number
  /** How long it waits from then on, in milliseconds. */
  delay: number
  getState(): Promise<string>
  remove(): Promise<unknown>
}

/** What the schedule needs of BullMQ's queue, the same on both engines. */
export interface JobQueue {
  add(name: string, data: JobData, options: JobsOptions): Promise<unknown>
  getJobs(states: ('delayed' | 'waiting' | 'active')[]): Promise<(QueuedJob | undefined)[]>
  getJob(id: string): Promise<QueuedJob | undefined>
  getDeduplicationJobId(id: string): Promise<string | null>
  removeDeduplicationKey(id: string): Promise<unknown>
}

/** A queue and the worker that takes jobs from it. */
export interface Engine {
  name: 'postgresql' | 'redis'
  queue: JobQueue
  /** Takes no more jobs and waits for those that run. */
  stopWorker(): Promise<void>
  close(): Promise<void>
}

export interface EngineOptions {
  database: string
  redis: string | undefined
  queueName: string
  process: Processor<JobData>
  concurrency: number
  onError: (error: Error) => void
}

/**
 * Opens BullMQ on Redis if an address is given, else on PostgreSQL in the schema `bullmq`, which is made if it is
 * missing. The libraries are imported here, so that nobody loads an engine that is not used.
 *
 * @throws REDIS_UNREACHABLE
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  return options.redis ? onRedis(options, options.redis) : onPostgres(options)
}

async function onRedis(options: EngineOptions, url: string): Promise<Engine> {
  await checkRedis(url)
  const { Queue, Worker } = await import('bullmq')
  const connection = { url, maxRetriesPerRequest: null }
  const queue = new Queue(options.queueName, { connection })
  return start('redis', options, queue, () => {
    return new Worker(options.queueName, options.process, { connection, ...workerOptions(options) })
  })
}

async function onPostgres(options: EngineOptions): Promise<Engine> {
  const { Queue, Worker, createPostgresBackend } = await import('bullmq')
  const connection = {
    connectionString: options.database,
    migrate: true,
    max: 3,
    application_name: 'trifold schedule queue',
  }
  const queue = new Queue(options.queueName, { connection }, createPostgresBackend)
  return start('postgresql', options, queue, () => {
    const settings = { connection, ...workerOptions(options) }
    return new Worker(options.queueName, options.process, settings, createPostgresBackend)
  })
}

/** A job of a process that died is taken up by another after 10 to 20 seconds. */
const workerOptions = ({ concurrency }: EngineOptions): Omit<WorkerOptions, 'connection'> => ({
  concurrency,
  lockDuration: 10_000,
  stalledInterval: 5_000,
})

interface Closable {
  on(event: 'error', listener: (error: Error) => void): unknown
  waitUntilReady(): Promise<unknown>
  close(): Promise<void>
}

/** The worker comes after the queue, which makes the schema if it is missing. */
async function start(
  name: Engine['name'],
  options: EngineOptions,
  queue: JobQueue & Closable,
  openWorker: () => Closable,
): Promise<Engine> {
  const opened: Closable[] = []
  const open = async (closable: Closable) => {
    opened.unshift(closable)
    closable.on('error', options.onError)
    await closable.waitUntilReady()
  }
  const close = async () => {
    for (const closable of opened) await closable.close()
  }
  try {
    await open(queue)
    await open(openWorker())
  } catch (error) {
    await close().catch(() => {}) // the error of the start is the one to show
    throw error
  }
  return { name, queue, stopWorker: () => (opened[0] as Closable).close(), close }
}
