import { configuredTargets } from '../read-model/feed.ts'
import type { ReadModel } from '../read-model.ts'
import { lastRefreshes, type RefreshCost, refreshHours, typicalLags } from '../schema/refreshes/costs.ts'
import { parseTarget } from '../target.ts'
import type { Timing } from '../timing.ts'
import type { Toolkit } from '../toolkit.ts'
import { alternativeOf } from './price/alternative.ts'
import { costsOf, type RefreshCosts } from './price/costs.ts'
import { crossingOf, type GrowthKind } from './price/forecast.ts'

export type { RefreshCosts } from './price/costs.ts'
export type { GrowthKind } from './price/forecast.ts'

/**
 * When refreshes that grow longer as they have stop fitting their interval (of a target lag: half of it). Dates are ISO 8601 in UTC;
 * undefined means not within ten years.
 */
export interface FitForecast {
  /** The first day on which they do not fit; today if they do not fit now. */
  day: string | undefined
  /** With 95 % confidence not before, and not after. */
  earliest: string | undefined
  latest: string | undefined
  /** By how much of itself a refresh grows each day now: 0.01 is one percent. */
  growthPerDay: number
  /** By an amount each day, or by a share of itself. */
  kind: GrowthKind
}

/** What a schedule of a view costs, and for how long it holds, predicted from the history of its refreshes. */
export interface SchedulePrice {
  /** How many of its last refreshes the costs rest on, at most twenty. */
  refreshes: number
  /** How long they took on average, in milliseconds; undefined without any. */
  milliseconds: number | undefined
  /** Undefined without enough history. */
  costs: RefreshCosts | undefined
  /** Undefined without enough history. */
  fits: FitForecast | undefined
  /** One sentence about another way to keep the rows; undefined without costs. */
  alternative: string | undefined
  /** What the history still needs for what is undefined here, one sentence each. */
  missing: string[]
}

const lastCount = 20
const fewestRefreshes = 3
const fewestDays = 3

/** What a schedule of a view costs, by the refreshes of the last thirty days. Nothing is changed. */
export async function priceOf(toolkit: Toolkit, target: string, timing: Timing): Promise<SchedulePrice> {
  const { pool } = toolkit
  const siblings = siblingsOf(toolkit, target)
  const [last, hours, lags] = await Promise.all([
    lastRefreshes(pool, target, lastCount),
    refreshHours(pool, target),
    typicalLags(pool, siblings),
  ])
  const { rows } = await pool.query('select extract(epoch from clock_timestamp()) * 1000 as now')
  const now = Number(rows[0].now)
  const costs = last.length >= fewestRefreshes ? await costsOf(timing, last, now) : undefined
  const today = now / day
  const limit = timing.kind === 'lag' ? timing.ms / 2 : costs?.interval
  const dayCount = new Set(hours.map((one) => Math.floor(one.day))).size
  const crossing = limit === undefined || dayCount < fewestDays ? undefined : crossingOf(hours, limit, today)
  const age = timing.kind === 'lag' ? timing.ms : (costs?.interval ?? 0)
  return {
    refreshes: last.length,
    milliseconds: last.length > 0 ? last.reduce((sum, { took }) => sum + took, 0) / last.length : undefined,
    costs,
    fits: crossing && {
      day: dateOf(crossing.day),
      earliest: dateOf(crossing.earliest),
      latest: dateOf(crossing.latest),
      growthPerDay: crossing.growthPerDay,
      kind: crossing.kind,
    },
    alternative: costs && alternativeOf({ costs, last: last[0] as RefreshCost, siblings: lags, lag: age }),
    missing: [
      ...(costs ? [] : [`the costs need ${fewestRefreshes - last.length} more refreshes`]),
      ...(crossing ? [] : [forecastNeeds(dayCount)]),
    ],
  }
}

const day = 86_400_000

const dateOf = (days: number | undefined): string | undefined =>
  days === undefined ? undefined : new Date(Math.floor(days) * day).toISOString().slice(0, 10)

function forecastNeeds(seen: number): string {
  const more = Math.max(1, fewestDays - seen)
  return (
    `the forecast needs refreshes at the same hours of ${more} more ${more === 1 ? 'day' : 'days'} ` +
    `(${seen} so far; three days of refreshes each hour are enough, or five of one)`
  )
}

/** The targets of the same read model that events feed. */
function siblingsOf(toolkit: Toolkit, target: string): string[] {
  const { readModel } = parseTarget(target)
  const targets = configuredTargets(readModel, toolkit.config.readModels[readModel] as ReadModel)
  return targets.filter(({ feed }) => feed === 'events').map((one) => one.target)
}
