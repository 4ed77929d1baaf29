// The time of the load, as the drawings over it share it.
import type { Data, Markish } from '@observablehq/plot'
import type { Comparison, Sample } from '../../comparison.ts'
import { looks } from '../looks.ts'
import type { Drawing } from './drawing.ts'
import { thinned } from './thinned.ts'

/** Seconds from the begin of the load to the last commit that was measured. */
export function loadEnd({ load, targets }: Comparison): number {
  const times = [...load.transactions, ...targets.flatMap((one) => one.lag.samples)].map((one) => one.at)
  return times.reduce((last, at) => Math.max(last, at), 0)
}

export const loadTime = (comparison: Comparison, ticks: number) => ({
  domain: [0, loadEnd(comparison)],
  ticks,
  label: 'seconds since the load began',
  labelArrow: 'none' as const,
  labelAnchor: 'center' as const,
})

/** A thin upright line where a refresh of the view is noted. */
export function refreshMarks({ plot }: Drawing, comparison: Comparison): Markish {
  return plot.ruleX(thinned(viewRefreshes(comparison)) as Data, {
    x: 'at',
    stroke: looks.view.color,
    strokeOpacity: 0.35,
  })
}

/** What the upright lines are; nothing if there is no view. */
export function refreshNote(comparison: Comparison): string {
  if (!comparison.targets.some((one) => one.materializer === 'view')) return ''
  return viewRefreshes(comparison).length > 0
    ? 'Upright lines: refreshes of the view.'
    : 'No refresh of the view ended while the load ran.'
}

function viewRefreshes(comparison: Comparison): Sample[] {
  const end = loadEnd(comparison)
  const views = comparison.targets.filter((one) => one.materializer === 'view')
  return views.flatMap((one) => one.refresh.samples).filter(({ at }) => at >= 0 && at <= end)
}
