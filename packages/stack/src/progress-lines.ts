import type { ReportProgress, StackProgress } from './progress.ts'

/** Where progress is written: a terminal or a plain stream. */
export interface ProgressStream {
  isTTY?: boolean
  columns?: number
  write(text: string): unknown
}

const plainEveryMs = 10_000

/**
 * Writes the steps of a starting stack: on a terminal one line that is written over and a line for each step that has
 * ended, elsewhere a line at the beginning, at the end and every ten seconds between.
 */
export function progressLines(stream: ProgressStream): ReportProgress {
  return stream.isTTY ? overwritten(stream) : plain(stream)
}

function overwritten(stream: ProgressStream): ReportProgress {
  const running = new Map<string, StackProgress>()
  return (event) => {
    running.delete(event.step)
    stream.write('\r\x1b[2K')
    if (event.state === 'done' || event.state === 'failed') stream.write(`${sentence(event)}\n`)
    else running.set(event.step, event)
    const line = [...running.values()].map(sentence).join(' · ')
    stream.write(line.slice(0, (stream.columns ?? 80) - 1))
  }
}

function plain(stream: ProgressStream): ReportProgress {
  const written = new Map<string, number>()
  return (event) => {
    const since = event.elapsedMs - (written.get(event.step) ?? 0)
    if (event.state === 'update' && since < plainEveryMs) return
    written.set(event.step, event.elapsedMs)
    stream.write(`${sentence(event)}\n`)
  }
}

/** `fetching OpenSearch 3.8.0: 12/160 MB, 3 s`. */
function sentence(event: StackProgress): string {
  const seconds = event.state === 'begin' ? undefined : `${(event.elapsedMs / 1000).toFixed(1)} s`
  const state = event.state === 'done' || event.state === 'failed' ? event.state : undefined
  const said = [state, event.detail?.split('\n')[0], seconds].filter((part) => part !== undefined)
  return said.length === 0 ? event.step : `${event.step}: ${said.join(', ')}`
}
