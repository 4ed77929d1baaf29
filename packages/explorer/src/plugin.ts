import { routeSignIn } from '@trifold/pages'
import type { FastifyPluginAsync } from 'fastify'
import { assets, Layout } from './parts/layout.tsx'
import { apiFor, type Routes } from './routes/context.ts'
import { answerErrors } from './routes/errors.tsx'
import { routeGroups, routeReadModels } from './routes/read-models.tsx'

/** What the plugin is given. */
export interface ExplorerOptions {
  /** The `prefix` with which `trifoldApi` is registered in the same application; default none. */
  api?: string
}

/**
 * The explorer, as a plugin of Fastify 5 beside the API: `app.register(trifoldExplorer, { prefix: '/explore', api: '/api' })`.
 * It asks the API as its reader would, with the reader's key, so it shows what this key reads and nothing else.
 */
export const trifoldExplorer: FastifyPluginAsync<ExplorerOptions> = async (app, { api = '' }) => {
  const routes: Routes = { app, home: app.prefix, api }
  answerErrors(routes)
  assets.route(app)
  routeSignIn({
    app,
    home: app.prefix,
    layout: Layout,
    refusalOf: (key, request) => apiFor(routes, request).as(key).refusal(),
  })
  routeReadModels(routes)
  routeGroups(routes)
}
