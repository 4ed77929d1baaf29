import type { BulkReport } from './bulk-report.ts'

/** How documents are written in bulk. */
export interface BulkOptions {
  /** The write alias of an index. */
  index: string
  /** Largest request in bytes (default 5 MiB); a larger document goes alone. */
  maxBytes?: number
  /** Most documents in a request (default 5,000). */
  maxCount?: number
  /** Requests under way at once (default 2). */
  inFlight?: number
  /** Requests that may leave a document without an outcome before the write gives up (default 10). */
  maxAttempts?: number
  /** Wait after a failure, doubled with each in a row, in milliseconds (default 100 to 10,000). */
  backoff?: { min: number; max: number }
  /** How long one request may stay silent, in milliseconds (default 60,000). */
  requestTimeoutMs?: number
  /** How long one write may take, in milliseconds (default 30 minutes). */
  deadlineMs?: number
  /** Called after every request with the figures of the write so far. */
  onProgress?: (report: Readonly<BulkReport>) => void
}

/** The options with their defaults. */
export type BulkSettings = Required<Omit<BulkOptions, 'onProgress'>> & Pick<BulkOptions, 'onProgress'>
