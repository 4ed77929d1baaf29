import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** `trifold relay` in a process of its own. */
export interface RelayProcess {
  child: ChildProcess
  /** What it has printed so far, on both streams. */
  printed: () => string
  /** Its exit code, or the signal that ended it. */
  ended: Promise<number | string>
}

/** Runs `work` with a folder in which `trifold` finds a configuration. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'trifold-relay-'))
  try {
    await writeFile(join(folder, 'trifold.config.mjs'), 'export default { readModels: {} }\n')
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Starts `trifold relay`, which a fault point may end or freeze. */
export function startProcess(folder: string, args: string[], env: NodeJS.ProcessEnv): RelayProcess {
  const child = spawn(process.execPath, [main, 'relay', ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      printed += data
    })
  }
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string)
  return { child, printed: () => printed, ended }
}
