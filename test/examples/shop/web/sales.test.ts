import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Customer } from '../../../../examples/shop/entities/customer.ts'
import { openWebStand, type WebStand } from './stand.ts'
import { Visitor } from './visitor.ts'

type Answer = Awaited<ReturnType<Visitor['get']>>

let web: WebStand
let visitor: Visitor
let customer: Customer

beforeAll(async () => {
  web = await openWebStand()
  visitor = new Visitor(web)
  const customers = await web.shop.orm.em.fork().find(Customer, {}, { limit: 1 })
  customer = customers[0] as Customer
})

afterEach(() => {
  expect(web.errors).toEqual([])
})

afterAll(() => web?.close())

const shiftedDay = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10)

const today = new Date().toISOString().slice(0, 10)
const yesterday = new Date(Date.parse(today) - 1).toISOString().slice(0, 10)

/** What the page says was sold today, and yesterday and today by its bars. */
async function sales(after: string) {
  const pages = [today, yesterday].map((since) =>
    visitor.get(`/sales?${new URLSearchParams({ target: 'table', after, since, until: today })}`),
  )
  const [{ body }, both] = (await Promise.all(pages)) as [Answer, Answer]
  const days = [...both.body.matchAll(/bar-day">([^<]+)<.*?bar-sum">£([\d,.]+)</g)]
  const [orders, items] = [...body.matchAll(/<strong>(\d+)<\/strong><span class="change">/g)].map(([, count]) =>
    Number(count),
  )
  return {
    orders,
    items,
    days: days.map(([, day, sum]) => [day, Math.round(100 * Number(sum?.replaceAll(',', '')))]),
  }
}

async function sell(confirmedAt: Date): Promise<string> {
  const lines = [{ productId: 1, quantity: 1 }]
  const { id } = await web.shop.placeOrder({ customerId: customer.id, lines, now: new Date(0) })
  return (await web.shop.confirmOrder(id, confirmedAt)).commit
}

test('begin at midnight in UTC: what was sold a millisecond before is of yesterday', async () => {
  const midnight = new Date(new Date().toISOString().slice(0, 10))
  const before = await sales(await sell(midnight))
  const late = await sales(await sell(new Date(midnight.getTime() - 1)))
  expect([late.orders, late.items, late.days[1]]).toEqual([before.orders, before.items, before.days[1]])
  expect(late.days[0]?.[1]).toBeGreaterThan(Number(before.days[0]?.[1]))
  const early = await sales(await sell(midnight))
  expect([early.orders, early.items]).toEqual([Number(late.orders) + 1, Number(late.items) + 1])
  expect(early.days[0]).toEqual(late.days[0])
})

const pounds = (cents: number) => `£${(cents / 100).toLocaleString('en-GB', { minimumFractionDigits: 2 })}`

test('of a period stand beside those of the days before it, by country and as a file', async () => {
  const period = { target: 'table', since: shiftedDay(today, -9), until: today }
  const { rows } = await web.pool.query<{ country: string; now: number | null; before: number | null }>(
    `select
      country,
      sum(total_cents) filter (where day >= $1)::integer as now,
      sum(total_cents) filter (where day < $1)::integer as before
    from (
      select country, total_cents, (confirmed_at at time zone 'UTC')::date as day
      from orders
      where status not in ('cart', 'cancelled')
    ) as sold
    where day between $2 and $3
    group by country`,
    [period.since, shiftedDay(period.since, -10), today],
  )
  expect(rows.length).toBeGreaterThan(2)
  const { body } = await visitor.get(`/sales?${new URLSearchParams(period)}`)
  for (const { country, now, before } of rows) {
    const row = new RegExp(`>${country}</a></td>.*?</tr>`).exec(body)?.[0]
    expect(row).toContain(pounds(now ?? 0))
    if (now && before) expect(row).toContain(`${now > before ? '+' : ''}${Math.round(100 * (now / before - 1))}%`)
  }
  const total = (of: 'now' | 'before') => rows.reduce((sum, row) => sum + (row[of] ?? 0), 0)
  expect(body).toContain(`<strong>${pounds(total('now'))}</strong>`)
  expect(body).toContain(`before ${pounds(total('before'))}`)

  const country = rows[0]?.country as string
  const file = await visitor.get(`/sales.csv?${new URLSearchParams({ ...period, country })}`)
  expect(file.headers['content-disposition']).toBe(`attachment; filename="sales-${period.since}-${today}.csv"`)
  const [head, ...lines] = file.body.trim().split('\n')
  const place = head?.trim().split(',').indexOf('revenue_cents') as number
  const sums = lines.map((line) => Number(line.split(',')[place]))
  expect(sums.reduce((sum, one) => sum + one, 0)).toBe(rows[0]?.now ?? 0)
  expect(lines.every((line) => line.includes(country))).toBe(true)
})

test('of a long period are shown by week or by month', async () => {
  const bars = async (since: string, until: string) => {
    const { body } = await visitor.get(`/sales?${new URLSearchParams({ target: 'table', since, until })}`)
    return [...body.matchAll(/bar-day">([^<]+)</g)].map(([, text]) => text)
  }
  expect(await bars('2026-03-29', '2026-03-31')).toEqual(['Sun 29 Mar', 'Mon 30 Mar', 'Tue 31 Mar'])
  const weeks = await bars('2026-01-01', '2026-02-28')
  expect([weeks.length, weeks[0], weeks.at(-1)]).toEqual([9, 'Mon 29 Dec', 'Mon 23 Feb'])
  const months = await bars('2025-01-31', '2025-12-01')
  expect([months.length, months[0], months[1], months.at(-1)]).toEqual([
    12,
    'January 2025',
    'February 2025',
    'December 2025',
  ])
})

test.each([
  ['/sales?since=2026-02-30', 'Look at since'],
  ['/sales?since=2026-02-02&until=2026-02-01', '2026-02-02 is after 2026-02-01.'],
  ['/sales.csv?since=1026-02-02&until=2026-02-01', 'It takes three years at most.'],
  ['/sales?country=%00', 'Look at country'],
])('%s is refused', async (url, reason) => {
  const { statusCode, body } = await visitor.get(url)
  expect([statusCode, body.includes(reason)]).toEqual([400, true])
})

test('a file that the target cannot give is refused in the words of the page', async () => {
  const { statusCode, body } = await visitor.get('/sales.csv?target=table&after=nonsense')
  expect(statusCode).toBe(409)
  expect(body).toContain('That commit token is of no use here')
})
