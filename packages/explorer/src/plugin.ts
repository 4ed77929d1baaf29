import type { FastifyPluginAsync } from 'fastify'
import { routeAssets } from './assets.ts'
import type { Routes } from './routes/context.ts'
import { answerErrors } from './routes/errors.tsx'
import { routeReadModels } from './routes/read-models.tsx'
import { routeSignIn } from './routes/sign-in.tsx'

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
  routeAssets(app)
  routeSignIn(routes)
  routeReadModels(routes)
}
