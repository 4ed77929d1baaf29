/** A process for the keeper to start. */
export interface ProcessSpec {
  name: string
  command: string
  args: string[]
  env: NodeJS.ProcessEnv
  cwd: string
  uid?: number | undefined
  gid?: number | undefined
  /** The file that receives what the process prints; appended to. */
  logFile: string
  /** What ends the process: each signal in turn, with the milliseconds to wait before the next. SIGKILL comes last. */
  stop: StopStep[]
}

export interface StopStep {
  signal: NodeJS.Signals
  waitMs: number
}

/** How a process ended: one of the two is null. */
export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
}

export type KeeperRequest =
  | { kind: 'run'; spec: ProcessSpec }
  | { kind: 'wait'; pid: number }
  | { kind: 'end'; pid: number }
  | { kind: 'own'; path: string }
  | { kind: 'listen'; socket: string }
  | { kind: 'detach' }
  | { kind: 'stop' }

/** The parent's side numbers its requests; the keeper answers each once, under its number. */
export type KeeperCall = KeeperRequest & { call: number }

export type KeeperAnswer = { call: number; value: unknown } | { call: number; error: string }

/** Sent by the keeper without being asked: a process ended, or the socket was told to stop everything. */
export type KeeperNotice = { exited: number; exit: Exit } | { stopping: true }

/** What a keeper tells through its socket, to the word `status` at once and to `stop` when all is stopped. */
export interface KeeperReport {
  pid: number
  processes: { name: string; pid: number; exit?: Exit | undefined }[]
}
