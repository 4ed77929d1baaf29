import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Toolkit } from 'trifold'
import type { Engines } from './engines.ts'
import type { Run } from './run.ts'

const main = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url))
const config = fileURLToPath(new URL('./trifold.config.ts', import.meta.url))
const endsWithin = 20_000
const fillsWithin = 120_000

/**
 * Runs `trifold worker` in a process of its own, so that its figures are not those of a process that also writes, and
 * shows how its fills go. It is detached, so that Ctrl-C reaches this process only, which still needs it to settle; by
 * the channel between the two it ends when this process does.
 */
export function startWorkerProcess(run: Run, engines: Engines): void {
  const { OPENSEARCH_URL: _search, REDIS_URL: _redis, ...inherited } = process.env
  const worker = spawn(process.execPath, [main, 'worker', '--json', '--config', config], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
    env: {
      ...inherited,
      DATABASE_URL: engines.databaseUrl,
      ...(engines.searchUrl && { OPENSEARCH_URL: engines.searchUrl }),
      TRIFOLD_DEMO_PREFIX: engines.indexPrefix,
    },
  })
  let ending = false
  let complaint = ''
  createInterface({ input: worker.stdout as NodeJS.ReadableStream }).on('line', (line) => {
    const { target, text } = JSON.parse(line) as { target?: string; text: string }
    if (target && /^(filled|generation)/.test(text)) run.say(`  ${target.padEnd(22)}${text}`)
  })
  worker.stderr?.on('data', (chunk) => {
    complaint += chunk
  })
  worker.on('exit', (code) => {
    if (!ending) run.fail(new Error(`the worker ended by itself (code ${code}): ${complaint.trim()}`))
  })
  run.atEnd(() => {
    ending = true
    return endProcess(worker)
  })
}

/** Waits until every target serves and has its consumer. */
export async function whenFilled({ kit, signal }: Run, toolkit: Toolkit): Promise<void> {
  for (const end = performance.now() + fillsWithin; performance.now() < end; await delay(100, undefined, { signal })) {
    const { targets } = await kit.status(toolkit)
    if (targets.every(({ generation, fedBy, consumer }) => generation && (fedBy === 'schedule' || consumer?.held)))
      return
  }
  throw new Error(`the targets were not filled within ${fillsWithin / 1_000} s`)
}

async function endProcess(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return
  const ended = once(worker, 'exit')
  const late = setTimeout(() => worker.kill('SIGKILL'), endsWithin)
  worker.kill('SIGTERM')
  await ended
  clearTimeout(late)
}
