import type { Load, Setting } from './comparison.ts'
import { mostSeconds } from './limits.ts'
import type { ProductionSigns } from './production.ts'
import type { Stage } from './stage.ts'

/** What the remarks are made of. */
export interface Circumstances {
  load: Pick<Load, 'kind' | 'rate' | 'reached'>
  signs: ProductionSigns
  setting: Pick<Setting, 'cpus'>
  /** Processes that ran or waited for a core in the minute before; 0 if nobody counts them. */
  busy: number
  /** Seconds that the load went on, and milliseconds between two refreshes of the view. */
  seconds: number
  interval: number | undefined
}

/** What a reader of the figures has to know beside them, in sentences. */
export function remarksOf({ targets }: Stage, circumstances: Circumstances): string[] {
  const { load, signs, setting, busy } = circumstances
  const kept = targets.flatMap(({ target, keptBy }) =>
    keptBy ? [`${target}: ${keptBy}, so its lag is measured and its work is not.`] : [],
  )
  return [
    ...kept,
    ...(load.kind === 'replay' ? [replayed] : []),
    ...slowLoad(load),
    ...shortLoad(circumstances),
    ...inUse(signs),
    ...busyRemark(busy, setting.cpus),
  ]
}

const replayed =
  'The load appended past events again: no table of the write model was written, so the transactions are shorter than ' +
  'those of the application.'

/** From this share of the rate on it counts as reached. */
const reached = 0.9

const slowLoad = (load: Circumstances['load']): string[] =>
  load.reached >= reached * load.rate
    ? []
    : [
        `Only ${load.reached.toFixed(1)} of ${load.rate} transactions a second were reached, so the transactions waited for ` +
          'each other or for the machine: a lower --rate shows what one costs.',
      ]

/** With fewer intervals the lag of a view is left to chance; so many are enough. */
const fewestIntervals = 1.5
const enoughIntervals = 4

function shortLoad({ seconds, interval }: Circumstances): string[] {
  if (interval === undefined || seconds * 1_000 >= fewestIntervals * interval) return []
  const several = Math.ceil((enoughIntervals * interval) / 1_000)
  const longer = several <= mostSeconds ? ` A longer load tells more (--for ${several}s).` : ''
  return [
    `The view is refreshed every ${interval / 1_000} s, and the load went on for ${seconds.toFixed(0)} s: its lag depends on ` +
      `when in that interval the load began, and its work is that of very few refreshes.${longer}`,
  ]
}

function inUse({ looks, writes }: ProductionSigns): string[] {
  const signs = [...looks, ...(writes === undefined ? [] : [writes])]
  if (signs.length === 0) return []
  return [
    `The database looked as if it were in use: ${signs.join('; ')}. So no index on the write model was tried, which would ` +
      'have kept its writers waiting, and a target may differ from the definition by what others wrote meanwhile.',
  ]
}

const busyRemark = (busy: number, cores: number): string[] =>
  busy > cores
    ? [
        `The machine was busy before the comparison began (load ${busy.toFixed(1)} on ${cores} cores): on a quiet one the times are shorter.`,
      ]
    : []
