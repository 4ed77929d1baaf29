import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TrifoldError } from 'trifold/internal/errors'
import { endOrphans, processLives } from './orphans.ts'
import type { Exit, ProcessSpec, SupervisorAnswer, SupervisorNotice, SupervisorRequest } from './supervisor-protocol.ts'

/** A process that the supervisor runs. */
export interface KeptProcess {
  readonly name: string
  readonly pid: number
  /** The signal that ends it in its own way. */
  readonly stopSignal: NodeJS.Signals
  /** Set once the process has ended. */
  exit: Exit | undefined
  /** Resolves when the process has ended. */
  wait(): Promise<Exit>
  /** Ends the process by its own steps and returns when it has ended. */
  end(): Promise<void>
}

/**
 * The caller's hold on the supervisor process, whose work the caller takes over if the supervisor is killed. Its processes and folders never outlive the caller unless {@link detach} was
 * called. It does not keep the caller's event loop alive except while a call is under way.
 */
export interface Supervisor {
  readonly pid: number
  /** Has `path` removed, with all that is in it, when the supervisor ends. */
  own(path: string): Promise<void>
  /** Starts a process. Rejects with `STACK_FAILED` when the operating system cannot. */
  run(spec: ProcessSpec): Promise<KeptProcess>
  /** Has the supervisor obey the socket at this path too. */
  listen(socket: string): Promise<void>
  /** Lets the supervisor and its processes outlive the caller, who has no more hold on them. */
  detach(): Promise<void>
  /** Ends every process, removes the owned paths and ends the supervisor. */
  stop(): Promise<void>
  /** Whether the supervisor was told through its socket to stop. */
  isStopping(): boolean
}

const supervisorFile = fileURLToPath(
  new URL(`./supervisor-process${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
)

/** Starts the supervisor in a separate session, so that a Ctrl-C in the terminal reaches the caller alone. */
export async function startSupervisor(): Promise<Supervisor> {
  // Run from TypeScript sources, Node below 22.18 needs jiti.
  const isSource = supervisorFile.endsWith('.ts')
  const child = fork(isSource ? jitiCommand() : supervisorFile, isSource ? [supervisorFile] : [], {
    cwd: dirname(supervisorFile),
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: [],
  })
  await once(child, 'spawn')
  return holdSupervisor(child)
}

const jitiCommand = (): string =>
  join(dirname(createRequire(import.meta.url).resolve('jiti/package.json')), 'lib/jiti-cli.mjs')

function holdSupervisor(child: ChildProcess): Supervisor {
  const processes = new Map<number, KeptProcess>()
  const exits = new Map<number, Exit>()
  let stopping = false
  const call = callsTo(child, (notice) => {
    if ('stopping' in notice) {
      stopping = true
      return
    }
    exits.set(notice.exited, notice.exit)
    const kept = processes.get(notice.exited)
    if (kept !== undefined) kept.exit = notice.exit
  })
  const owned: string[] = []
  let orphansEnded: Promise<void> | undefined
  child.once('exit', () => {
    const orphans = [...processes.values()].filter((kept) => kept.exit === undefined)
    orphansEnded = endOrphans(orphans, owned, processLives)
  })
  let stopped: Promise<void> | undefined
  return {
    pid: child.pid!,
    async own(path) {
      await call<void>({ kind: 'own', path })
      owned.unshift(path)
    },
    listen: (socket) => call<void>({ kind: 'listen', socket }),
    isStopping: () => stopping,
    async run(spec) {
      const pid = await call<number>({ kind: 'run', spec })
      const kept: KeptProcess = {
        name: spec.name,
        pid,
        stopSignal: spec.stop[0]?.signal ?? 'SIGTERM',
        exit: exits.get(pid),
        wait: () => call<Exit>({ kind: 'wait', pid }),
        end: () => call<void>({ kind: 'end', pid }),
      }
      processes.set(pid, kept)
      return kept
    },
    async detach() {
      await call<void>({ kind: 'detach' })
      processes.clear()
      owned.length = 0
      child.disconnect()
    },
    stop() {
      stopped ??= stopSupervisor(child, () => call<void>({ kind: 'stop' })).then(() => orphansEnded)
      return stopped
    },
  }
}

async function stopSupervisor(child: ChildProcess, stop: () => Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || !child.connected) return
  const exited = once(child, 'exit')
  await stop()
  child.ref()
  if (child.connected) child.disconnect()
  await exited
}

type Call = <T>(request: SupervisorRequest) => Promise<T>

function callsTo(child: ChildProcess, onNotice: (notice: SupervisorNotice) => void): Call {
  const pending = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let last = 0
  const settle = (
    call: number,
    act: (waiter: { resolve(value: unknown): void; reject(error: Error): void }) => void,
  ) => {
    const waiter = pending.get(call)
    pending.delete(call)
    if (pending.size === 0) hold(child, false)
    if (waiter !== undefined) act(waiter)
  }
  child.on('message', (message: SupervisorAnswer | SupervisorNotice) => {
    if (!('call' in message)) return onNotice(message)
    settle(message.call, (waiter) =>
      'error' in message ? waiter.reject(supervisorError(message.error)) : waiter.resolve(message.value),
    )
  })
  child.once('exit', () => {
    for (const call of [...pending.keys()])
      settle(call, (waiter) => waiter.reject(supervisorError('it ended unexpectedly')))
  })
  hold(child, false)
  return <T>(request: SupervisorRequest) =>
    new Promise<T>((resolve, reject) => {
      last += 1
      pending.set(last, { resolve: resolve as (value: unknown) => void, reject })
      hold(child, true)
      child.send({ ...request, call: last }, (error) => {
        if (error) settle(last, (waiter) => waiter.reject(supervisorError(error.message, error)))
      })
    })
}

function hold(child: ChildProcess, held: boolean): void {
  if (held) {
    child.ref()
    child.channel?.ref()
  } else {
    child.unref()
    child.channel?.unref()
  }
}

function supervisorError(reason: string, cause?: unknown): TrifoldError {
  return new TrifoldError('STACK_FAILED', `Stack: the supervisor process could not do its work: ${reason}.`, { cause })
}
