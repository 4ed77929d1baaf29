import type { Targets } from 'trifold/internal/read-model'
import type { Timing } from 'trifold/internal/timing'
import type { ReadableTarget } from 'trifold/internal/toolkit'
import type { Addresses } from '../configuration.ts'
import type { TimedRefresh } from './index-refreshes.ts'
import type { SessionUsage } from './session-meter.ts'

/** What a worker of a comparison is started with. */
export interface WorkerArguments extends Addresses {
  /** The configuration, loaded again: handlers are functions, which do not travel. */
  configFile: string
  readModel: string
  kind: ReadableTarget
  targets: Targets
  /** For a view. */
  timing: Timing | undefined
}

/** What it answers to every message. */
export interface WorkerUsage {
  /** Milliseconds of CPU that the process has used. */
  cpu: number
  sessions: SessionUsage
  indexRefreshes: TimedRefresh[]
}
