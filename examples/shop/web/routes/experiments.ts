import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { WebContext } from '../context.ts'
import { backInput, parsed } from '../input.ts'

const pause = z.object({ back: backInput })
const refreshing = z.object({
  target: z.enum(['order_summary@view', 'daily_sales@view', 'product_search@view']),
  back: backInput,
})

const pauseLength = 15_000

/** What a learner can do to see how fresh the targets are: hold the worker up, and refresh a view ahead of its time. */
export function experimentRoutes(app: FastifyInstance, web: WebContext): void {
  app.post('/experiments/pause', async (request, reply) => {
    const { back } = parsed(pause, request.body)
    await web.worker.pause(pauseLength)
    return reply.redirect(back, 303)
  })

  app.post('/experiments/refresh', async (request, reply) => {
    const { target, back } = parsed(refreshing, request.body)
    await web.trifold.admin.refresh(target)
    return reply.redirect(back, 303)
  })
}
