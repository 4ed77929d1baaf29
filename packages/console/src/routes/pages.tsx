import { sendPage } from '@trifold/pages'
import type { FastifyInstance } from 'fastify'
import { AuditPage } from '../pages/audit.tsx'
import { NowPage } from '../pages/now.tsx'
import type { Routes } from './context.ts'

/** Routes what readers see. */
export function routePages(app: FastifyInstance, { admin, sight }: Routes): void {
  app.get('/', async ({ viewer }, reply) => sendPage(reply, <NowPage viewer={viewer} now={await sight.now()} />))
  app.get('/audit', async ({ viewer }, reply) =>
    sendPage(reply, <AuditPage viewer={viewer} entries={await admin.audit({ limit: 200 })} />),
  )
}
