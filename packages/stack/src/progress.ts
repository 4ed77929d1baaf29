/** What part of the stack a step belongs to. */
export type StackPart = 'postgres' | 'opensearch' | 'kafka'

/**
 * One line of progress. A step begins once, may be updated, and ends once, as done or as failed; `elapsedMs` counts from
 * its beginning.
 */
export interface StackProgress {
  part: StackPart
  step: string
  state: 'begin' | 'update' | 'done' | 'failed'
  elapsedMs: number
  /** A size, a share or a reason, for people. */
  detail?: string | undefined
}

export type ReportProgress = (event: StackProgress) => void

/**
 * Runs `work` as one step and reports its beginning, its end and, twice a second, what `watch` says. Errors of `work`
 * pass through.
 */
export async function asStep<T>(
  report: ReportProgress,
  part: StackPart,
  step: string,
  work: () => Promise<T>,
  told: { watch?: () => Promise<string | undefined>; detail?: (result: T) => string } = {},
): Promise<T> {
  const start = performance.now()
  let ended = false
  const tell = (state: StackProgress['state'], detail?: string) => {
    if (!ended) report({ part, step, state, elapsedMs: Math.round(performance.now() - start), detail })
    ended = state === 'done' || state === 'failed'
  }
  tell('begin')
  const timer = setInterval(async () => tell('update', await told.watch?.()), 500)
  try {
    const result = await work()
    tell('done', told.detail?.(result))
    return result
  } catch (error) {
    tell('failed', error instanceof Error ? error.message : String(error))
    throw error
  } finally {
    clearInterval(timer)
  }
}
