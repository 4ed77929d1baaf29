import type { CommitToken } from 'trifold/internal/outbox'
import type { TransactionSample } from '../comparison.ts'
import type { LoadLimits } from '../limits.ts'
import type { PastTransaction } from './replay.ts'

/** Where the transactions come from: a file with a workload, or events of the past. */
export type LoadSource = { kind: 'rate'; workload: string } | { kind: 'replay'; past: PastTransaction[] }

/** What the process that writes is started with. */
export interface LoadArguments extends LoadLimits {
  /** The configuration, for the event registry. */
  configFile: string
  database: string
}

/** Of the parent: first the source, and once it is ready the start. */
export type LoadOrder = { source: LoadSource } | 'go'

/** Of the process that writes. Times are those of `clock`, which all processes of a machine share. */
export type LoadNotice =
  | { kind: 'listening' | 'ready' }
  | { kind: 'began'; since: number }
  | { kind: 'committed'; token: CommitToken; sample: TransactionSample; committedAt: number }
  | { kind: 'done'; reached: number; seconds: number }
  | { kind: 'failed'; reason: string }
