import type { Admin, TargetStatus } from 'trifold'
import { inSeconds, inThousands } from 'trifold/internal/operator/figures'
import { shownTiming } from 'trifold/internal/timing'

/** What an operator can do to a target. */
export interface TargetAction {
  label: string
  /** What it does, in a few words. */
  hint: string
  /** Whether it makes sense now. */
  isOffered(target: TargetStatus): boolean
  /** @returns what came of it */
  run(admin: Admin, target: string, signal: AbortSignal): Promise<string>
}

const isView = ({ fedBy }: TargetStatus) => fedBy === 'schedule'

/** By the names that the audit has. */
export const targetActions: Readonly<Record<string, TargetAction>> = {
  refresh: {
    label: 'Refresh',
    hint: 'runs the definition now, whatever the schedule says',
    isOffered: isView,
    run: async (admin, target, signal) => {
      const { outcome, milliseconds, rows } = await admin.refresh(target, signal)
      if (outcome === 'skipped') return 'another refresh was running already'
      return `refreshed in ${inSeconds(milliseconds)}${rows === undefined ? '' : `, ${inThousands(rows)} rows`}`
    },
  },
  cancel: {
    label: 'Cancel',
    hint: 'ends the refresh that is running, in whatever process; the rows stay',
    isOffered: ({ fedBy, refreshing }) => fedBy === 'schedule' && refreshing,
    run: async (admin, target) => {
      const { ranFor } = await admin.cancelRefresh(target)
      return `cancelled the refresh after ${inSeconds(ranFor)}`
    },
  },
  pause: {
    label: 'Pause',
    hint: 'stops the schedule until it is resumed',
    isOffered: ({ schedule }) => schedule !== undefined && !schedule.paused,
    run: async (admin, target) => {
      await admin.tuneSchedule(target, { paused: true })
      return 'paused'
    },
  },
  resume: {
    label: 'Resume',
    hint: 'goes on with the schedule',
    isOffered: ({ schedule }) => schedule?.paused === true,
    run: async (admin, target) => {
      await admin.tuneSchedule(target, { paused: false })
      return 'resumed'
    },
  },
  reset: {
    label: 'Reset',
    hint: 'gives the schedule back to the configuration',
    isOffered: ({ schedule }) => schedule?.source === 'operator',
    run: async (admin, target) => {
      const { timing } = await admin.resetSchedule(target)
      return timing ? `${shownTiming(timing)} again` : 'no schedule'
    },
  },
  'try-again': {
    label: 'Try again',
    hint: 'hands it the event again at which it stopped',
    isOffered: ({ failure }) => failure !== undefined,
    run: async (admin, target) => {
      const { failure } = await admin.resumeTarget(target)
      return `goes on after ${failure.code}`
    },
  },
  verify: {
    label: 'Verify',
    hint: 'compares every row with the definition',
    isOffered: ({ generation }) => generation !== undefined,
    run: async (admin, target, signal) => {
      const [found] = await admin.verify(target, { signal })
      if (!found) return 'there was nothing to compare'
      const differing = found.missing + found.surplus + found.different
      const compared = `${inThousands(found.rows)} rows compared in ${inSeconds(found.milliseconds)}`
      return `${compared}, ${differing === 0 ? 'none differs' : `${inThousands(differing)} differ`}`
    },
  },
  rebuild: {
    label: 'Rebuild',
    hint: 'builds it again beside what serves; readers notice nothing',
    isOffered: () => true,
    run: async (admin, target, signal) => {
      const { generation, milliseconds } = await admin.rebuild(target, { signal, reason: 'console' })
      return `generation ${generation} serves after ${inSeconds(milliseconds)}`
    },
  },
}
