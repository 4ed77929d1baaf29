import { inSeconds, inThousands } from '../figures.ts'
import type { PastRun, TargetHistory } from '../history.ts'

/** Something that did not go as it should. */
export interface NightFinding {
  kind: 'missed' | 'late' | 'failed' | 'slow'
  /** One sentence without a name and without times. */
  text: string
  /** When it happened last, ISO 8601; undefined if it is about the whole period. */
  at: string | undefined
}

/** A target lag is held if readers saw nothing older for this share of the time. */
const heldFrom = 0.995

/** An event-fed target is late from here on, in milliseconds, as in `status`. */
const lateFrom = 10_000

/** A refresh that takes so many times as long as usual is slow. */
const slowFrom = 2

/** The same if that is less than this, in milliseconds: nobody notices. */
const unnoticed = 500

/** Whether readers saw what was older than they should. A view without a target lag is late only if refreshes were missed. */
export function late({ held, parts, runs }: TargetHistory): NightFinding[] {
  if (held) {
    if (held.share >= heldFrom) return []
    const missedFor = (100 * (1 - held.share)).toFixed(1)
    const text = `readers saw rows older than the target lag of ${inSeconds(held.target)} for ${missedFor} % of the time, ${inSeconds(held.p99)} (p99) old`
    return [{ kind: 'late', text, at: undefined }]
  }
  if (runs.some(({ cause }) => cause === 'schedule' || cause === 'manual')) return []
  const worst = parts.reduce((most, part) => ((part.lag ?? 0) > (most?.lag ?? 0) ? part : most), parts[0])
  if (!worst?.lag || worst.lag < lateFrom) return []
  return [{ kind: 'late', text: `was up to ${inSeconds(worst.lag)} behind`, at: worst.since }]
}

/** @param target its runs are the newest first */
export function failed({ sums, runs }: TargetHistory): NightFinding[] {
  const last = runs.find(({ outcome }) => outcome === 'failed')
  if (!last) return []
  const codes = [last.error?.code, last.error?.sqlState].filter(Boolean).join(', ')
  const count = sums.failed === 1 ? 'a run failed' : `${inThousands(sums.failed)} runs failed, the last with`
  return [{ kind: 'failed', text: `${count}: ${last.error?.message} [${codes}]`, at: last.finishedAt }]
}

/** @param usual the middle of what refreshes took in the week before, in milliseconds; undefined if there were none */
export function slow({ runs }: TargetHistory, usual: number | undefined): NightFinding[] {
  if (usual === undefined) return []
  const from = Math.max(slowFrom * usual, unnoticed)
  const found = runs.filter((run) => isRefresh(run) && run.milliseconds > from)
  const longest = found.reduce((most, run) => (most && most.milliseconds >= run.milliseconds ? most : run), found[0])
  if (!longest) return []
  const waits = found.filter(({ lockWait }) => (lockWait?.milliseconds ?? 0) > 0).length
  const waited = waits > 0 ? `, ${waits} of them after a wait for locks` : ''
  const count = found.length === 1 ? 'a refresh' : `${inThousands(found.length)} refreshes`
  const text = `${count} took more than twice the usual ${inSeconds(usual)}${waited}; the longest ${inSeconds(longest.milliseconds)}`
  return [{ kind: 'slow', text, at: longest.finishedAt }]
}

const isRefresh = ({ outcome, cause }: PastRun): boolean =>
  outcome === 'refreshed' && (cause === 'schedule' || cause === 'manual')
