// What must compile and what must not: `npm run typecheck` judges it, and nothing here runs.

import { z } from 'zod'
import { defineConfig, fold, patch, recompute, remove, set } from '../../src/index.ts'
import { openTrifold } from '../../src/trifold.ts'

const events = { OrderDeleted: z.object({ orderId: z.int(), day: z.string(), country: z.string() }) }

const config = defineConfig({
  root: '/',
  events,
  readModels: {
    order_summary: {
      key: ['order_id'],
      targets: { table: {}, search: { text: ['number'] } },
      on: {
        OrderDeleted: (event) => [
          remove([event.orderId]),
          patch([event.orderId], { status: 'gone' }),
          recompute([[1n]]),
          // @ts-expect-error: the key is a number
          remove([event.day]),
          // @ts-expect-error: the key has one column
          patch([event.orderId, event.day], { status: 'gone' }),
          // @ts-expect-error: the row has no such column
          patch([event.orderId], { colour: 'red' }),
        ],
      },
    },
    daily_sales: {
      key: ['day', 'country'],
      targets: { view: { every: '30s' } },
      on: {
        OrderDeleted: (event) => [
          remove([event.day, event.country]),
          fold(
            [event.day, event.country],
            { day: '', country: '', orders: 0, items: 0, revenue_cents: 0 },
            (row) => row,
          ),
          // @ts-expect-error: the key has two columns
          recompute([[event.day]]),
          // @ts-expect-error: the key starts with a text
          remove([event.orderId, event.country]),
          // @ts-expect-error: the row lacks columns
          set({ day: event.day, country: event.country }),
        ],
      },
    },
    product_search: { key: ['product_id'], targets: { search: { text: ['name'] } } },
    unknown_to_types: { key: ['anything'], targets: { table: {} } },
  },
})

defineConfig({
  events,
  readModels: {
    order_summary: {
      // @ts-expect-error: the row has no such column
      key: ['order_number'],
      targets: { table: {} },
      on: {
        // @ts-expect-error: the registry has no such event
        OrderLost: () => undefined,
      },
    },
  },
})

export async function reads(): Promise<void> {
  const trifold = await openTrifold(config)
  const { order_summary, daily_sales, product_search } = trifold

  await order_summary.find({ from: 'table', where: { status: 'open' } })
  await order_summary.find({ from: 'search', text: 'A-17', highlight: true })
  // @ts-expect-error: no view is configured
  await order_summary.find({ from: 'view' })
  // @ts-expect-error: a table has no full text
  await order_summary.find({ from: 'table', text: 'A-17' })
  // @ts-expect-error: the default target is the table
  await order_summary.find({ text: 'A-17' })
  // @ts-expect-error: the default target is the table
  await order_summary.summarize({ text: 'A-17' })
  await order_summary.suggest({ text: 'A-1', from: 'search', columns: ['number'] })
  await product_search.suggest({ text: 'lam' })
  // @ts-expect-error: the target that serves may be the table
  await order_summary.suggest({ text: 'A-1' })
  // @ts-expect-error: it has no index
  await daily_sales.suggest({ text: 'A' })
  // @ts-expect-error: the row has no such column
  await order_summary.find({ where: { colour: 'red' } })
  await order_summary.find({ where: { or: [{ status: 'open' }, { not: { number: { prefix: 'A-' } } }] } })
  await order_summary.find({ where: { and: [{ status: { exists: true } }], order_id: { gt: 5 } } })
  await product_search.find({ where: { not: { countries: { has: 'France' } } } })
  // @ts-expect-error: the row has no such column
  await order_summary.find({ where: { or: [{ colour: 'red' }] } })
  // @ts-expect-error: a status is a text
  await order_summary.find({ where: { not: { status: 5 } } })
  // @ts-expect-error: a list of conditions
  await order_summary.find({ where: { or: { status: 'open' } } })
  // @ts-expect-error: a number does not begin with a text
  await order_summary.find({ where: { order_id: { prefix: '1' } } })
  // @ts-expect-error: the request has no such member
  await order_summary.find({ wher: { status: 'open' } })

  await product_search.find({ text: 'lamp' })
  const few = await order_summary.find({ columns: ['status', 'order_id'], sort: '-number', where: { number: 'A-17' } })
  const id: number | undefined = few.rows[0]?.order_id
  // @ts-expect-error: the column was not chosen
  few.rows[0]?.number
  const few_columns = order_summary.restrict({ columns: ['order_id', 'status'], where: { number: 'A-17' } })
  const [seen] = (await few_columns.find({ where: { status: 'open' } })).rows
  seen?.status satisfies string | undefined
  // @ts-expect-error: the column is hidden
  seen?.number
  // @ts-expect-error: the column is hidden
  await few_columns.find({ where: { number: 'A-17' } })
  // @ts-expect-error: the row has no such column
  order_summary.restrict({ columns: ['colour'] })
  const whole = await order_summary.find({ sort: 'number' })
  const number: string | undefined = whole.rows[0]?.number
  const marked = await order_summary.find({ from: 'search', text: 'A-17', highlight: true, columns: ['number'] })
  marked.highlights?.[0]?.number
  // @ts-expect-error: the column was not chosen
  marked.highlights?.[0]?.status
  // @ts-expect-error: the row has no such column
  await order_summary.find({ columns: ['colour'] })
  const untyped = await trifold.readModel('unknown_to_types').find({ columns: ['anything'] })
  void [id, number, untyped.rows[0]?.anything]
  await daily_sales.find({ from: 'view' })
  // @ts-expect-error: search is not configured
  await daily_sales.find({ from: 'search', text: 'x' })
  // @ts-expect-error: search is not configured
  await daily_sales.find({ text: 'x' })

  await trifold.readModel('unknown_to_types').find({ where: { anything: 1 } })
  // @ts-expect-error: there is no such read model
  trifold.readModel('orders')
  // @ts-expect-error: the pool is Trifold's own
  trifold.pool
}

export async function summaries(): Promise<void> {
  const { daily_sales, product_search } = await openTrifold(config)

  const byCountry = await daily_sales.summarize({ group: 'country', sum: 'revenue_cents' })
  const country: string | undefined = byCountry.groups[0]?.group
  const cents: number | null | undefined = byCountry.groups[0]?.sum
  // @ts-expect-error: a country is a text
  const wrongGroup: number | undefined = byCountry.groups[0]?.group
  // @ts-expect-error: a sum of whole numbers is a number
  const wrongSum: string | null | undefined = byCountry.groups[0]?.sum

  await daily_sales.summarize({ group: 'country', sum: 'revenue_cents', sort: '-sum', limit: 5 })
  // @ts-expect-error: groups have no such order
  await daily_sales.summarize({ group: 'country', sort: '-revenue_cents' })

  const all = await daily_sales.summarize()
  const none: null | undefined = all.groups[0]?.group
  const perElement = await product_search.summarize({ group: 'countries' })
  const element: string | null | undefined = perElement.groups[0]?.group
  // @ts-expect-error: the row has no such column
  await daily_sales.summarize({ group: 'colour' })

  const both = await daily_sales.summarize({
    group: ['country', { column: 'day', interval: 'month' }],
    aggregates: { best: { max: 'revenue_cents' }, countries: { countDistinct: 'country' }, first: { min: 'country' } },
    having: { best: { gte: 100 } },
    sort: '-best',
  })
  const [pair, month]: readonly [string?, (string | null)?] = both.groups[0]?.group ?? []
  const best: number | null | undefined = both.groups[0]?.aggregates.best
  const first: string | null | undefined = both.groups[0]?.aggregates.first
  const different: number | undefined = both.groups[0]?.aggregates.countries
  // @ts-expect-error: nothing of that name was asked for
  both.groups[0]?.aggregates.worst
  // @ts-expect-error: nothing of that name was asked for
  await daily_sales.summarize({ group: 'country', aggregates: { best: { max: 'revenue_cents' } }, sort: '-worst' })
  // @ts-expect-error: the row has no such column
  await daily_sales.summarize({ aggregates: { best: { max: 'colour' } } })
  // @ts-expect-error: there is no such interval
  await daily_sales.summarize({ group: { column: 'day', interval: 'fortnight' } })
  const priced = await daily_sales.summarize({ group: ['country', { column: 'revenue_cents', ranges: [100, 500] }] })
  const range: { from: number | null; to: number | null } | null | undefined = priced.groups[0]?.group[1]
  // @ts-expect-error: a range has numbers of the column
  const wrongRange: { from: string | null } | null | undefined = priced.groups[0]?.group[1]
  // @ts-expect-error: the row has no such column
  await daily_sales.summarize({ group: { column: 'colour', ranges: [1] } })
  // @ts-expect-error: no aggregates were asked for
  byCountry.groups[0]?.aggregates

  void [country, cents, wrongGroup, wrongSum, none, element, range, wrongRange, pair, month, best, first, different]
}
