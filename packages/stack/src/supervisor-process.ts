// The supervisor: a small process beside the caller that is the parent of the engines. It holds a channel to the caller, and
// when the channel closes, for whatever reason, kill -9 of the caller included, it stops the engines and removes the
// folders that were given to it. A detached supervisor runs until its socket or a signal stops it.

import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { type ManagedProcess, startProcess } from './managed-process.ts'
import type {
  ProcessSpec,
  SupervisorAnswer,
  SupervisorCall,
  SupervisorNotice,
  SupervisorReport,
} from './supervisor-protocol.ts'

const processes = new Map<number, ManagedProcess>()
const owned: string[] = []
let detached = false
let ending: Promise<void> | undefined

async function handle(call: SupervisorCall): Promise<unknown> {
  switch (call.kind) {
    case 'run':
      return run(call.spec)
    case 'wait':
      return processes.get(call.pid)?.ended
    case 'end':
      return processes.get(call.pid)?.stop()
    case 'own':
      owned.push(call.path)
      return
    case 'listen':
      return listen(call.socket)
    case 'detach':
      detached = true
      return
    case 'stop':
      return stopAll()
  }
}

async function run(spec: ProcessSpec): Promise<number> {
  if (ending !== undefined) throw new Error('the supervisor is stopping')
  const started = await startProcess(spec)
  processes.set(started.pid, started)
  void started.ended.then((exit) => tell({ exited: started.pid, exit }))
  if (ending !== undefined) await started.stop()
  return started.pid
}

function stopAll(): Promise<void> {
  ending ??= (async () => {
    await Promise.all([...processes.values()].map((kept) => kept.stop()))
    for (const path of owned.reverse()) await rm(path, { recursive: true, force: true, maxRetries: 5 })
  })()
  return ending
}

function listen(socket: string): Promise<void> {
  const server = createServer((connection) => {
    connection.on('error', () => connection.destroy())
    connection.once(
      'data',
      (data) => void reply(String(data).trim()).then((text) => connection.end(text, leaveIfEnding)),
    )
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(socket, resolve)
  })
}

async function reply(command: string): Promise<string> {
  if (command === 'stop') {
    tell({ stopping: true })
    await stopAll()
  }
  const report: SupervisorReport = {
    pid: process.pid,
    processes: [...processes.values()].map(({ name, pid, exit }) => ({ name, pid, exit })),
  }
  return `${JSON.stringify(report)}\n`
}

function leaveIfEnding(): void {
  if (ending !== undefined) process.exit(0)
}

function leave(): void {
  void stopAll().finally(() => process.exit(0))
}

function tell(message: SupervisorAnswer | SupervisorNotice): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {})
}

process.title = 'trifold-supervisor'
process.on('message', (call: SupervisorCall) => {
  handle(call).then(
    (value) => tell({ call: call.call, value }),
    (error: unknown) => tell({ call: call.call, error: error instanceof Error ? error.message : String(error) }),
  )
})
process.on('disconnect', () => {
  if (!detached) leave()
})
process.on('SIGTERM', leave)
process.on('SIGINT', leave)
process.on('SIGHUP', () => {})
if (!process.connected) leave()
