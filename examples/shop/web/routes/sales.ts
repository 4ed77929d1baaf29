import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { WebContext } from '../context.ts'
import { parsed, readingInput, textInput } from '../input.ts'
import { type NoticeSubject, noticeOf } from '../notice.ts'
import { sendPage } from '../page.ts'
import { PageError } from '../page-error.ts'
import { checkedPeriod, lastDays, type Period } from '../period.ts'
import { askedOf, read } from '../reading.ts'
import { readSales, salesOf } from '../sales.ts'

const input = z.object({
  ...readingInput,
  since: z.iso.date().optional(),
  until: z.iso.date().optional(),
  country: textInput.optional(),
})
type Input = z.infer<typeof input>

/** Periods that one click chooses, in days up to today. */
const choices = [1, 7, 14, 30, 365]
const usual = 14

/** What was sold in a period, beside the period before it, and its rows as a file. */
export function salesRoutes(app: FastifyInstance, web: WebContext): void {
  app.get('/sales', async (request, reply) => {
    const params = parsed(input, request.query)
    const period = periodOf(params)
    const asked = askedOf(web, '/sales', 'daily_sales', [], params)
    const { result, ...reading } = await read(web, asked, (fresh) => readSales(web, period, params.country, fresh))
    return sendPage(web, request, reply, 'sales', {
      title: 'Sales',
      address: asked.address,
      reading,
      sales: result,
      period,
      choices: choices.map((days) => ({ days, ...lastDays(days, today()) })),
      country: params.country,
    })
  })

  // The rows that the page counts, from the same target.
  app.get('/sales.csv', async (request, reply) => {
    const params = parsed(input, request.query)
    const period = periodOf(params)
    const { target: kind, after, address } = askedOf(web, '/sales', 'daily_sales', [], params)
    const target = `daily_sales@${kind}` as const
    const where = salesOf(period, params.country)
    const asked = { where, sort: ['day', 'country'], ...(after !== undefined && { after }) } as const
    const rows = await web.trifold.export(target, asked).catch((error) => {
      throw refusalOf(error, { target, kinds: [], address })
    })
    return reply
      .type('text/csv; charset=utf-8; header=present')
      .header('content-disposition', `attachment; filename="sales-${period.since}-${period.until}.csv"`)
      .send(Readable.from(rows, { objectMode: false }))
  })
}

/** A file has no place for a notice: what the page would tell above its rows is the answer. */
function refusalOf(error: unknown, subject: NoticeSubject): unknown {
  const notice = noticeOf(error, subject)
  return notice ? new PageError(Math.max(409, notice.status), notice.title, notice.text) : error
}

const today = (): string => new Date().toISOString().slice(0, 10)

/** Without a first day it is the last two weeks up to the last one. */
function periodOf({ since, until = today() }: Input): Period {
  return checkedPeriod(since === undefined ? lastDays(usual, until) : { since, until })
}
