import type { KeptProcess } from './keeper.ts'
import type { StackPart } from './progress.ts'

/** A running engine of the stack. */
export interface Engine {
  name: StackPart
  version: string
  url: string
  port: number
  pid: number
  /** Where its data is. */
  folder: string
  logFile: string
  process: KeptProcess
}
