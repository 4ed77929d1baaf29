import type { FastifyInstance } from 'fastify'
import type { RowOf } from 'trifold'
import type { WebContext } from '../context.ts'
import { parsed, readingSchema } from '../input.ts'
import { sendPage } from '../page.ts'
import { askedOf, read } from '../reading.ts'

const daysShown = 14
const dayLength = 24 * 60 * 60 * 1_000

/** The sales of today by country, and of the two weeks before by day. */
export function salesRoutes(app: FastifyInstance, web: WebContext): void {
  app.get('/sales', async (request, reply) => {
    const params = parsed(readingSchema, request.query)
    const asked = askedOf(web, '/sales', 'daily_sales', [], params)
    const days = lastDays(new Date())
    const { result, ...reading } = await read(web, asked, (fresh) =>
      web.trifold.readModel('daily_sales').find({
        where: { day: { gte: days[0] as string } },
        sort: ['day', 'country'],
        limit: 10_000, // more than two weeks have in all the countries of the world
        ...fresh,
      }),
    )
    const sales = result && salesOf(result.rows, days)
    return sendPage(web, request, reply, 'sales', { title: "Today's sales", address: asked.address, reading, sales })
  })
}

/** UTC dates, today last. */
const lastDays = (now: Date): string[] =>
  Array.from({ length: daysShown }, (_, place) =>
    new Date(now.getTime() - (daysShown - 1 - place) * dayLength).toISOString().slice(0, 10),
  )

function salesOf(rows: RowOf<'daily_sales'>[], days: string[]) {
  const byDay = days.map((day) => ({ day, ...sum(rows.filter((row) => row.day === day)) }))
  const today = rows.filter((row) => row.day === days.at(-1)).sort((a, b) => b.revenue_cents - a.revenue_cents)
  return { today, total: sum(today), byDay, most: Math.max(1, ...byDay.map(({ revenue }) => revenue)) }
}

const sum = (rows: RowOf<'daily_sales'>[]) => ({
  orders: rows.reduce((total, { orders }) => total + orders, 0),
  items: rows.reduce((total, { items }) => total + items, 0),
  revenue: rows.reduce((total, row) => total + row.revenue_cents, 0),
})
