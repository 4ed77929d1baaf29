import type { StackPart } from './progress.ts'
import type { KeptProcess } from './supervisor.ts'

/** A running engine of the stack. */
export interface Engine {
  name: StackPart
  version: string
  url: string
  port: number
  pid: number
  /** The signal that ends it in its own way. */
  stopSignal: NodeJS.Signals
  /** Where its data is. */
  folder: string
  logFile: string
  process: KeptProcess
}

/** What an engine has from its process. */
export function engineOf(process: KeptProcess): Pick<Engine, 'pid' | 'stopSignal' | 'process'> {
  return { pid: process.pid, stopSignal: process.stopSignal, process }
}
