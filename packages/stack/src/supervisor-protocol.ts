/** A process for the supervisor to start. */
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

export type SupervisorRequest =
  | { kind: 'run'; spec: ProcessSpec }
  | { kind: 'wait'; pid: number }
  | { kind: 'end'; pid: number }
  | { kind: 'own'; path: string }
  | { kind: 'listen'; socket: string }
  | { kind: 'detach' }
  | { kind: 'stop' }

/** The parent's side numbers its requests; the supervisor answers each once, under its number. */
export type SupervisorCall = SupervisorRequest & { call: number }

export type SupervisorAnswer = { call: number; value: unknown } | { call: number; error: string }

/** Sent by the supervisor without being asked: a process ended, or the socket was told to stop everything. */
export type SupervisorNotice = { exited: number; exit: Exit } | { stopping: true }

/** What a supervisor tells through its socket, to the word `status` at once and to `stop` when all is stopped. */
export interface SupervisorReport {
  pid: number
  processes: { name: string; pid: number; exit?: Exit | undefined }[]
}
