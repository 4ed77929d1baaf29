import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import type { Exit, ProcessSpec } from './supervisor-protocol.ts'

/** A child of the supervisor. */
export interface ManagedProcess {
  readonly name: string
  readonly pid: number
  /** Set once the process has ended. */
  exit?: Exit
  /** Resolves when the process has ended; never rejects. */
  readonly ended: Promise<Exit>
  /** Ends the process by the steps of its spec, then by SIGKILL. Returns when it has ended. */
  stop(): Promise<void>
}

/** Starts the process; rejects when the operating system cannot. */
export async function startProcess(spec: ProcessSpec): Promise<ManagedProcess> {
  const log = openSync(spec.logFile, 'a', 0o644)
  try {
    const child = spawn(spec.command, spec.args, {
      cwd: spec.cwd,
      env: spec.env,
      stdio: ['ignore', log, log],
      ...(spec.uid === undefined ? {} : { uid: spec.uid, gid: spec.gid }),
    })
    const ended = new Promise<Exit>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })))
    await once(child, 'spawn')
    const kept: ManagedProcess = { name: spec.name, pid: child.pid!, ended, stop: () => stopBySteps(kept, spec, child) }
    void ended.then((exit) => {
      kept.exit = exit
    })
    return kept
  } finally {
    closeSync(log)
  }
}

async function stopBySteps(
  kept: ManagedProcess,
  spec: ProcessSpec,
  child: { kill(signal: NodeJS.Signals): boolean },
): Promise<void> {
  for (const step of spec.stop) {
    if (kept.exit !== undefined) return
    child.kill(step.signal)
    if (await endsWithin(kept, step.waitMs)) return
  }
  child.kill('SIGKILL')
  await kept.ended
}

async function endsWithin(kept: ManagedProcess, milliseconds: number): Promise<boolean> {
  const timer = new AbortController()
  const timeout = wait(milliseconds, false, { signal: timer.signal }).catch(() => false)
  const ended = await Promise.race([kept.ended.then(() => true), timeout])
  timer.abort()
  return ended
}
