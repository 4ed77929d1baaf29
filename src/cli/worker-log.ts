import { inThousands } from '../operator/figures.ts'
import { colorsOf, type OutputStream } from './console.ts'

/** The log of a worker: a line for people, or one JSON object a line. */
export interface WorkerLog {
  /** A line of the library: `order_summary@table: text`, where the part before the colon is a target or a part. */
  line(text: string): void
  /** Rows written by a fill; at most two lines a second for a target. */
  fill(target: string, rows: number, total: number | undefined): void
}

const fillEvery = 500

export function workerLog(stream: OutputStream, json: boolean): WorkerLog {
  const write = json ? jsonLine(stream) : textLine(stream)
  const filled = new Map<string, number>()
  return {
    line: (text) => {
      const [, part = 'worker', rest = text] = /^([\w@]+): (.*)$/s.exec(text) ?? []
      write(part, rest, {})
    },
    fill: (target, rows, total) => {
      if (rows === 0) return
      const ended = rows === total
      if (!ended && Date.now() - (filled.get(target) ?? 0) < fillEvery) return
      filled.set(target, Date.now())
      const share = total ? ` of ${inThousands(total)} (${Math.floor((100 * rows) / total)} %)` : ''
      write(target, `filled ${inThousands(rows)}${share}`, { rows, total })
    },
  }
}

type Write = (part: string, text: string, facts: { rows?: number; total?: number | undefined }) => void

const jsonLine =
  (stream: OutputStream): Write =>
  (part, text, facts) => {
    const subject = part.includes('@') ? { target: part } : { part }
    stream.write(`${JSON.stringify({ at: new Date().toISOString(), ...subject, text, ...facts })}\n`)
  }

function textLine(stream: OutputStream): Write {
  const { dim, cyan } = colorsOf(stream)
  return (part, text) => {
    const time = new Date().toTimeString().slice(0, 8)
    stream.write(`${dim(time)}  ${cyan(part.padEnd(24))}  ${text.replaceAll(/\s*\n\s*/g, ' ')}\n`)
  }
}
