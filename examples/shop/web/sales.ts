import type { RowOf, Where } from 'trifold'
import type { WebContext } from './context.ts'
import { type Interval, intervalOf, type Period, periodBefore, startsOf } from './period.ts'
import type { Fresh } from './reading.ts'

type DailySales = RowOf<'daily_sales'>

/** What was sold. */
export interface Sold {
  orders: number
  items: number
  revenue: number
}

/** A period beside the one before it. */
export interface Sales {
  total: Sold
  totalBefore: Sold
  /** Those with the largest revenue first; with those that bought in the period before alone. */
  countries: { country: string | null; now: Sold; before: Sold }[]
  interval: Interval
  bars: { start: string; revenue: number }[]
}

/** More than there are countries, or bars of a page. */
const mostGroups = 1_000

const nothing: Sold = { orders: 0, items: 0, revenue: 0 }

/** The rows of a period, of all countries or of one. */
export const salesOf = ({ since, until }: Period, country: string | undefined): Where<DailySales> => ({
  day: { gte: since, lte: until },
  ...(country !== undefined && { country }),
})

/** What a period has sold, by country and by day, week or month, and what was sold in the period before. */
export async function readSales(
  { trifold }: WebContext,
  period: Period,
  country: string | undefined,
  fresh: Fresh,
): Promise<Sales & { waited?: number }> {
  const model = trifold.readModel('daily_sales')
  const interval = intervalOf(period)
  const aggregates = { orders: { sum: 'orders' }, items: { sum: 'items' }, revenue: { sum: 'revenue_cents' } } as const
  const asked = { ...fresh, aggregates, limit: mostGroups }
  const now = salesOf(period, country)
  const [byCountry, byInterval, before] = await Promise.all([
    model.summarize({ ...asked, where: now, group: 'country' }),
    model.summarize({ ...asked, where: now, group: { column: 'day', interval } }),
    model.summarize({ ...asked, where: salesOf(periodBefore(period), country), group: 'country' }),
  ])
  const countries = beside(soldOf(byCountry.groups), soldOf(before.groups))
  const byStart = soldOf(byInterval.groups)
  return {
    total: sum(countries.map(({ now }) => now)),
    totalBefore: sum(countries.map(({ before }) => before)),
    countries,
    interval,
    bars: startsOf(period, interval).map((start) => ({ start, revenue: (byStart.get(start) ?? nothing).revenue })),
    ...(byCountry.waited !== undefined && { waited: byCountry.waited }),
  }
}

interface Group {
  group: string | null
  aggregates: Record<keyof Sold, number | string | null>
}

const soldOf = (groups: readonly Group[]): Map<string | null, Sold> =>
  new Map(
    groups.map(({ group, aggregates: { orders, items, revenue } }) => [
      group,
      { orders: Number(orders), items: Number(items), revenue: Number(revenue) },
    ]),
  )

function beside(now: Map<string | null, Sold>, before: Map<string | null, Sold>): Sales['countries'] {
  const named = [...new Set([...now.keys(), ...before.keys()])]
  return named
    .map((country) => ({ country, now: now.get(country) ?? nothing, before: before.get(country) ?? nothing }))
    .sort((a, b) => b.now.revenue - a.now.revenue || b.before.revenue - a.before.revenue)
}

const sum = (parts: readonly Sold[]): Sold =>
  parts.reduce(
    (total, { orders, items, revenue }) => ({
      orders: total.orders + orders,
      items: total.items + items,
      revenue: total.revenue + revenue,
    }),
    nothing,
  )
