import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { jiti } from '../support/source-program.ts'

/** An environment that names no engine, so that the stack starts its own. */
export function ownEngines(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return {
    ...process.env,
    DATABASE_URL: '',
    OPENSEARCH_URL: '',
    OPENSEARCH_CA: '',
    KAFKA_BROKERS: '',
    REDIS_URL: '',
    ...more,
  }
}

/** A program, named from this file, as a child process, with what it has printed so far. */
export function startProgram(file: string, args: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
  const program = fileURLToPath(new URL(file, import.meta.url))
  const loader = file.endsWith('.ts') ? [jiti] : []
  const child = spawn(process.execPath, [...loader, program, ...args], {
    cwd: options.cwd,
    env: options.env ?? ownEngines(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed = { stdout: '', stderr: '' }
  child.stdout.on('data', (data) => {
    printed.stdout += data
  })
  child.stderr.on('data', (data) => {
    printed.stderr += data
  })
  const closed = once(child, 'close')
  return { child, printed, closed }
}

/** Runs a program to its end. */
export async function runProgram(...program: Parameters<typeof startProgram>) {
  const { child, printed, closed } = startProgram(...program)
  await closed
  return { code: child.exitCode, ...printed }
}

/** Whether there is something at this path. */
export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
