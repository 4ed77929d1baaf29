import { sendPage } from '@trifold/pages'
import type { FastifyInstance } from 'fastify'
import { TrifoldError } from 'trifold/internal/errors'
import { nightText } from 'trifold/internal/operator/night/text'
import { NightPage } from '../pages/night.tsx'
import type { Routes } from './context.ts'

/** Routes what happened since yesterday evening, as a page, and as text for a mail. */
export function routeNight(app: FastifyInstance, { admin }: Routes): void {
  app.get('/night', async ({ viewer }, reply) => {
    const night = await admin.night({ timeZone: viewer.timeZone })
    return sendPage(reply, <NightPage viewer={viewer} night={night} />)
  })
  app.get<{ Querystring: Record<string, unknown> }>('/night.txt', async ({ viewer, query }, reply) => {
    const { since, 'time-zone': timeZone = viewer.timeZone, ...others } = query
    const [other] = Object.keys(others)
    if (other !== undefined) throw invalid(`an unknown \`${other}\`; it takes since, time-zone`)
    if (typeof timeZone !== 'string') throw invalid('`time-zone` twice')
    if (since !== undefined && typeof since !== 'string') throw invalid('`since` twice')
    const night = await admin.night({ ...(since && { since }), timeZone })
    return reply
      .type('text/plain; charset=utf-8')
      .header('cache-control', 'private, no-store')
      .send(`${nightText(night)}\n`)
  })
}

const invalid = (what: string): TrifoldError => new TrifoldError('HISTORY_INVALID', `console: the address has ${what}`)
