import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const endsWithin = 20_000

export interface ToolkitChildOptions {
  /** The configuration file. */
  config: string
  databaseUrl: string
  searchUrl: string | undefined
  /** More of the environment. */
  env?: NodeJS.ProcessEnv
  /** Each line that it prints, as JSON. */
  onLine?(line: never): void
  /** It ended without having been told to. */
  onEnd(error: Error): void
}

/** A command of the toolkit that runs until it is ended. */
export interface ToolkitChild {
  /** Ends it in order, and at once after 20 s. */
  end(): Promise<void>
  /** Ends it at once, as a crash would. */
  kill(): void
}

/**
 * `trifold <command> --json` in a separate process. It is detached, so that Ctrl-C reaches the parent only, which may still
 * need it; by the channel between the two it ends when the parent does.
 */
export function startToolkitChild(command: readonly string[], options: ToolkitChildOptions): ToolkitChild {
  const { OPENSEARCH_URL: _search, REDIS_URL: _redis, ...inherited } = process.env
  const child = spawn(process.execPath, [main, ...command, '--json', '--config', options.config], {
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
  // It must be read, or the child waits once the pipe is full.
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) =>
    options.onLine?.(JSON.parse(line) as never),
  )
  child.stderr?.on('data', (chunk) => {
    complaint += chunk
  })
  child.on('exit', (code, signal) => {
    const how = signal ?? `code ${code}`
    if (!ending)
      options.onEnd(new Error(`the ${command[0]} ended by itself (${how}): ${complaint.trim() || 'it said nothing'}`))
  })
  return {
    end() {
      ending = true
      return endProcess(child)
    },
    kill: () => void child.kill('SIGKILL'),
  }
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  const late = setTimeout(() => child.kill('SIGKILL'), endsWithin)
  child.kill('SIGTERM')
  await ended
  clearTimeout(late)
}
