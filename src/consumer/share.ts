/** Which of its targets a worker is to keep, if several workers share them. Leases alone keep two from one target. */
export interface Share {
  /** Whether the worker is to keep the target now. */
  has(target: string): boolean
  /** Resolves once that may have changed, or the signal has aborted. */
  changed(signal: AbortSignal): Promise<void>
  /** Says that the worker fails to keep the target again and again, so that another one may try. */
  failing(target: string): void
}
