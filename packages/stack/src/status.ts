import { folderSize } from './folder.ts'
import type { FoundStack, PublishedStack } from './published.ts'

/** A published stack as it is now. */
export interface StackStatus extends Omit<PublishedStack, 'engines' | 'socket'> {
  /** False when one of its engines has ended. */
  running: boolean
  engines: EngineStatus[]
}

/** One engine of a stack as it is now. */
export interface EngineStatus {
  name: string
  version: string
  url: string
  port: number
  pid: number
  running: boolean
  folder: string
  logFile: string
  /** The size of its data in bytes. */
  bytes: number
}

/** Asks the operating system for what the published entry cannot know: which engines live, and how large they are. */
export async function stackStatus(found: FoundStack): Promise<StackStatus> {
  const { socket: _, engines: published, ...rest } = found.published
  const ended = found.report?.processes.filter(({ exit }) => exit !== undefined).map(({ pid }) => pid) ?? []
  const engines = await Promise.all(
    published.map(async (engine) => ({
      ...engine,
      running: found.report !== undefined && !ended.includes(engine.pid),
      bytes: await folderSize(engine.folder),
    })),
  )
  return { ...rest, running: found.report !== undefined && engines.every(({ running }) => running), engines }
}
