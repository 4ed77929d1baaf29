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
  | { kind: 'detach'; socket: string }
  | { kind: 'stop' }

/** The parent's side numbers its requests; the keeper answers each once, under its number. */
export type KeeperCall = KeeperRequest & { call: number }

export type KeeperAnswer = { call: number; value: unknown } | { call: number; error: string }

/** Sent by the keeper without being asked. */
export interface KeeperNotice {
  exited: number
  exit: Exit
}

/** What a detached keeper tells through its socket. */
export interface KeeperReport {
  pid: number
  processes: { name: string; pid: number; exit?: Exit | undefined }[]
}
