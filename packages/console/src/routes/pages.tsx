import { sendPage } from '@trifold/pages'
import type { FastifyInstance } from 'fastify'
import { AuditPage } from '../pages/audit.tsx'
import { FeedPage } from '../pages/feed.tsx'
import { NowPage } from '../pages/now.tsx'
import { ParkedPage } from '../pages/parked.tsx'
import { TargetPage } from '../pages/target.tsx'
import { readTarget } from '../reading/target.ts'
import type { Routes } from './context.ts'
import { knownTarget } from './known-target.ts'

/** Routes what readers see. */
export function routePages(app: FastifyInstance, routes: Routes): void {
  const { admin, sight } = routes
  app.get('/', async ({ viewer }, reply) => sendPage(reply, <NowPage viewer={viewer} now={await sight.now()} />))
  app.get<{ Params: { target: string }; Querystring: { since?: unknown } }>(
    '/targets/:target',
    async ({ viewer, params, query: { since = '24h' } }, reply) => {
      const seen = await readTarget(admin, sight, knownTarget(routes, params.target), String(since))
      return sendPage(reply, <TargetPage viewer={viewer} seen={seen} />)
    },
  )
  app.get('/feed', async ({ viewer }, reply) => sendPage(reply, <FeedPage viewer={viewer} feed={await sight.feed()} />))
  app.get<{ Params: { id: string } }>('/parked/:id', async ({ viewer, params }, reply) =>
    sendPage(reply, <ParkedPage viewer={viewer} event={await admin.parkedEvent(params.id)} />),
  )
  app.get('/audit', async ({ viewer }, reply) =>
    sendPage(reply, <AuditPage viewer={viewer} entries={await admin.audit({ limit: 200 })} />),
  )
}
