import { sendPage } from '@trifold/pages'
import type { FastifyInstance } from 'fastify'
import { TrifoldError } from 'trifold/internal/errors'
import { TunePage } from '../pages/tune.tsx'
import { timingText } from '../parts/timing.ts'
import { targetPath } from '../parts/viewer.ts'
import { readTune, timingOf, tuneForm } from '../reading/tune.ts'
import { beginAction } from './begin-action.ts'
import type { Routes } from './context.ts'
import { knownTarget } from './known-target.ts'

interface Named {
  target: string
}

/** Routes the prices of schedules: it changes nothing. */
export function routePrices(app: FastifyInstance, routes: Routes): void {
  app.get<{ Params: Named }>('/targets/:target/tune', async ({ viewer, params, url }, reply) => {
    const target = knownTarget(routes, params.target)
    const form = tuneForm(new URL(url, 'http://localhost').searchParams)
    const seen = await readTune(routes.admin, target, form)
    return sendPage(reply, <TunePage viewer={viewer} seen={seen} />, seen.fault === undefined ? 200 : 400)
  })
}

/** Routes what sets a schedule. */
export function routeTune(app: FastifyInstance, routes: Routes): void {
  app.post<{ Params: Named }>('/targets/:target/tune', async (request, reply) => {
    const target = knownTarget(routes, request.params.target)
    const form = request.body instanceof URLSearchParams ? tuneForm(request.body) : undefined
    if (!form) throw new TrifoldError('SCHEDULE_INVALID', 'schedule: name a length or a pattern')
    await beginAction(routes, request, { action: 'tune', subject: target }, async () => {
      const { timing } = await routes.admin.tuneSchedule(target, timingOf(form))
      return timing ? timingText(timing) : 'no schedule'
    })
    return reply.redirect(targetPath(request.viewer, target), 303)
  })
}
