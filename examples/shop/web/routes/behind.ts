import type { FastifyInstance } from 'fastify'
import { Address } from '../address.ts'
import type { WebContext } from '../context.ts'
import { targetStates } from '../freshness.ts'
import { sendPage } from '../page.ts'

/** Seconds after which a browser asks for the page again. */
const again = 2

/** Behind the shop: how the targets of its orders are, and what breaks them. */
export function behindRoutes(app: FastifyInstance, web: WebContext): void {
  const { breakage, worker, tools } = web

  app.get('/behind', async (request, reply) => {
    const targets = await targetStates(web, 'order_summary')
    reply.header('refresh', String(again))
    return sendPage(web, request, reply, 'behind', {
      title: 'Behind the shop',
      address: new Address('/behind'),
      tools,
      targets,
      locked: breakage.lockedUntil(),
    })
  })

  const breaks = (what: string, work: () => Promise<void> | void) =>
    app.post(`/behind/${what}`, async (_request, reply) => {
      await work()
      return reply.redirect('/behind', 303)
    })
  breaks('lock', () => breakage.lockTable())
  breaks('kill', () => worker.kill())
  breaks('delete', () => breakage.deleteIndex())
}
