import { momentText, spanText } from '@trifold/pages'
import type { PastRun } from 'trifold'

type Kind = 'ok' | 'slow' | 'failed' | 'skipped'

const heights: Readonly<Record<Kind, number>> = { ok: 10, slow: 16, failed: 20, skipped: 4 }
const step = 6
const height = 20

interface Props {
  /** The newest first. */
  runs: readonly PastRun[]
  /** What a refresh usually takes, in milliseconds. */
  usual: number | undefined
  timeZone: string
}

/** The last runs as ticks, the oldest first. How each went is in its height too, and not in its colour alone. */
export function Ticks({ runs, usual, timeZone }: Props) {
  if (runs.length === 0) return <span class="soft">none yet</span>
  const kinds = runs.map((run) => kindOf(run, usual)).reverse()
  const counted = (Object.keys(heights) as Kind[]).flatMap((kind) => {
    const count = kinds.filter((one) => one === kind).length
    return count > 0 ? [`${count} ${kind}`] : []
  })
  return (
    <svg
      class="ticks"
      width={runs.length * step}
      height={height}
      role="img"
      aria-label={`Last runs: ${counted.join(', ')}`}
    >
      {[...runs].reverse().map((run, place) => {
        const kind = kinds[place] as Kind
        return (
          <g>
            <title>{titleOf(run, kind, timeZone)}</title>
            <rect class="room" x={place * step} width={step} height={height} />
            <rect
              class={`tick ${kind}`}
              x={place * step}
              y={height - heights[kind]}
              width={step - 2}
              height={heights[kind]}
            />
          </g>
        )
      })}
    </svg>
  )
}

function kindOf({ outcome, milliseconds, cause }: PastRun, usual: number | undefined): Kind {
  if (outcome === 'failed' || outcome === 'skipped') return outcome
  const isRefresh = cause === 'schedule' || cause === 'manual'
  return isRefresh && usual !== undefined && milliseconds > 2 * usual ? 'slow' : 'ok'
}

function titleOf({ finishedAt, cause, milliseconds, error, lockWait }: PastRun, kind: Kind, timeZone: string): string {
  const waited = lockWait && lockWait.milliseconds > 0 ? `, waited ${spanText(lockWait.milliseconds)} for locks` : ''
  const what = `${cause} at ${momentText(finishedAt, timeZone)}: ${kind}, ${spanText(milliseconds)}${waited}`
  return error ? `${what}: ${error.message}` : what
}
