import { colorsOf, type OutputStream } from 'trifold/internal/cli/console'
import type { CompareProgress } from '../index.ts'

/** Writes the phases of a comparison: on a terminal with a line that is written over, elsewhere a line each. */
export function compareProgress(stream: OutputStream): Required<CompareProgress> & { end(): void } {
  const { dim } = colorsOf(stream)
  const started = performance.now()
  let phase = ''
  let open = false
  const close = () => {
    if (open) stream.write('\r\x1b[2K')
    open = false
  }
  return {
    phase(text) {
      close()
      phase = text
      const seconds = ((performance.now() - started) / 1_000).toFixed(0).padStart(4)
      stream.write(`${dim(`${seconds} s`)}  ${text}\n`)
    },
    update(text) {
      if (!stream.isTTY) return
      const line = `        ${phase === '' ? '' : '· '}${text}`
      stream.write(`\r\x1b[2K${dim(line.slice(0, (stream.columns || 80) - 1))}`)
      open = true
    },
    end: close,
  }
}
