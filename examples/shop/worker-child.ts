import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Admin, Observe } from 'trifold'

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const endsWithin = 20_000
const fillsWithin = 120_000

export interface WorkerChildOptions {
  /** The configuration file. */
  config: string
  databaseUrl: string
  searchUrl: string | undefined
  /** More of the environment. */
  env?: NodeJS.ProcessEnv
  observe?: Observe
  /** It ended without having been told to. */
  onEnd(error: Error): void
}

/**
 * `trifold worker` in a process of its own, so that its figures are not those of a process that also writes. It is
 * detached, so that Ctrl-C reaches the parent only, which may still need it; by the channel between the two it ends when
 * the parent does.
 *
 * @returns ends it in order, and at once after 20 s
 */
export function startWorkerChild(options: WorkerChildOptions): () => Promise<void> {
  const { OPENSEARCH_URL: _search, REDIS_URL: _redis, ...inherited } = process.env
  const worker = spawn(process.execPath, [main, 'worker', '--json', '--config', options.config], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
    env: {
      ...inherited,
      ...options.env,
      DATABASE_URL: options.databaseUrl,
      ...(options.searchUrl && { OPENSEARCH_URL: options.searchUrl }),
    },
  })
  let ending = false
  let complaint = ''
  // It must be read, or the worker waits once the pipe is full.
  createInterface({ input: worker.stdout as NodeJS.ReadableStream }).on('line', (line) =>
    options.observe?.(JSON.parse(line)),
  )
  worker.stderr?.on('data', (chunk) => {
    complaint += chunk
  })
  worker.on('exit', (code, signal) => {
    const how = signal ?? `code ${code}`
    if (!ending)
      options.onEnd(new Error(`the worker ended by itself (${how}): ${complaint.trim() || 'it said nothing'}`))
  })
  return () => {
    ending = true
    return endProcess(worker)
  }
}

/** Waits until every target serves and has its consumer. */
export async function whenBuilt({ admin }: { admin: Admin }, signal: AbortSignal): Promise<void> {
  for (const end = performance.now() + fillsWithin; performance.now() < end; await delay(100, undefined, { signal })) {
    const { targets } = await admin.status()
    if (targets.every(({ generation, fedBy, consumer }) => generation && (fedBy === 'schedule' || consumer?.held)))
      return
  }
  throw new Error(`the targets were not built within ${fillsWithin / 1_000} s`)
}

async function endProcess(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return
  const ended = once(worker, 'exit')
  const late = setTimeout(() => worker.kill('SIGKILL'), endsWithin)
  worker.kill('SIGTERM')
  await ended
  clearTimeout(late)
}
