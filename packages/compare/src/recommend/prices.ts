import type { Amount, Claim } from '../comparison.ts'
import { inWords } from '../quantity.ts'
import { quantile } from '../series.ts'
import { bare, type Candidate, nameOf } from './candidate.ts'
import { at, type Cited, claim, counted, isMeasured, joined, measured, said } from './claim.ts'
import type { Measured } from './judged-query.ts'

/** How far behind the targets are. */
export function freshness(among: readonly Candidate[]): Claim[] {
  const known = among.filter((one) => one.figures.lag.samples.length > 0)
  if (known.length === 0) return []
  const each = known.map((one, i) => {
    const lag = one.figures.lag
    const path = `${one.path}.lag`
    return i === 0
      ? claim`A commit is visible in ${nameOf(one)} after ${at(0.5, lag, path)} at the median and ${at(0.99, lag, path)} at the 99th percentile`
      : claim`in ${nameOf(one)} after ${at(0.5, lag, path)} and ${at(0.99, lag, path)}`
  })
  return [joined(each, '; ', '.')]
}

/** What the append costs the writers. */
export function appendPrice({ load }: Measured, isDear: boolean): Claim {
  const median = (of: 'append' | 'total'): Cited => ({
    text: inWords(
      quantile(
        load.transactions.map((one) => one[of]),
        0.5,
      ),
      'ms',
    ),
    path: 'load.transactions',
  })
  const judgement = isDear ? ', which is a high price' : ''
  return claim`For the writers the append takes ${median('append')} of a transaction's ${median('total')} (medians)${judgement}.`
}

/** What keeping the target current took, by event. */
export function workPrice({ figures, path }: Candidate): Claim[] {
  const { workerCpu, engineCpu, events } = figures.work
  if (!isMeasured(events) || events.value === 0) return []
  const anEvent = (amount: Amount, where: string, whose: string): Claim[] => {
    if (!isMeasured(amount)) return []
    const share = { ...amount, value: amount.value / events.value }
    return [claim`${measured(share, `${path}.work.${where}`)} of the ${whose} CPU`]
  }
  const spent = [...anEvent(workerCpu, 'workerCpu', "worker's"), ...anEvent(engineCpu, 'engineCpu', "engine's")]
  if (spent.length === 0) return []
  const end = claim` for each of ${counted(events.value, `${path}.work.events`)} events.`
  return [joined([claim`Keeping ${nameOf({ figures, path })} current took `, joined(spent, ' and ', ''), end], '', '')]
}

/** What refreshing the view takes. */
export function refreshPrice({ figures, path }: Candidate, isDear: boolean): Claim[] {
  const { refresh } = figures
  if (refresh.samples.length === 0) return []
  const judgement = isDear ? ', so that it refreshed for most of the time' : ''
  return [
    claim`A refresh of ${nameOf({ figures, path })} takes ${at(0.5, refresh, `${path}.refresh`)} at the median; ${counted(refresh.samples.length, `${path}.refresh`)} ran while it was watched${judgement}.`,
  ]
}

/** What it stores, and how long it takes to build it again. */
export function standingPrice({ setting }: Measured, { figures, path }: Candidate): Claim[] {
  const { storage, rebuild } = figures
  const name = nameOf({ figures, path })
  const source: Cited = { text: inWords(setting.sourceBytes, 'bytes'), path: 'setting.sourceBytes' }
  return [
    ...(isMeasured(storage)
      ? [
          claim`${name} stores ${measured(storage, `${path}.storage`)} beside the ${source} of the tables that the definition reads.`,
        ]
      : []),
    ...(isMeasured(rebuild) ? [claim`Building ${name} again takes ${measured(rebuild, `${path}.rebuild`)}.`] : []),
  ]
}

/** What is not known, with the reasons: a missing figure is never an argument for a target. */
export function notMeasured({ targets }: Measured): Claim[] {
  return targets.flatMap((figures, i) => {
    const path = `targets.${i}`
    const missing = amountsOf(figures).flatMap(([name, amount, where]) =>
      isMeasured(amount) ? [] : [claim`${name} (${said(bare(amount.notMeasured), `${path}.${where}.notMeasured`)})`],
    )
    if (missing.length === 0) return []
    return [joined([claim`Not measured for ${nameOf({ figures, path })}: `, joined(missing, ', ', '.')], '', '')]
  })
}

function amountsOf({ work, rows, storage, rebuild }: Candidate['figures']): [string, Amount, string][] {
  return [
    ["the worker's CPU", work.workerCpu, 'work.workerCpu'],
    ["the engine's CPU", work.engineCpu, 'work.engineCpu'],
    ['WAL', work.wal, 'work.wal'],
    ['bytes written', work.bytesWritten, 'work.bytesWritten'],
    ['events', work.events, 'work.events'],
    ['rows', rows, 'rows'],
    ['storage', storage, 'storage'],
    ['the time of a rebuild', rebuild, 'rebuild'],
  ]
}
