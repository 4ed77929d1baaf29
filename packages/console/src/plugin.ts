import { type ApiAccess, consoleCallers } from '@trifold/http'
import { routeSignIn } from '@trifold/pages'
import type { FastifyPluginAsync } from 'fastify'
import { Application } from 'trifold/internal/trifold'
import { Underway } from './actions/underway.ts'
import { assets, Layout } from './parts/layout.tsx'
import { Sight } from './reading/sight.ts'
import { routeActions } from './routes/actions.ts'
import type { Routes } from './routes/context.ts'
import { answerErrors } from './routes/errors.tsx'
import { routeNight } from './routes/night.tsx'
import { routePages } from './routes/pages.tsx'
import { routePrices, routeTune } from './routes/tune.tsx'
import { admitOperators, admitReaders, refusalOf } from './routes/viewer.ts'

/** What the plugin is given. */
export interface ConsoleOptions {
  /** What `openTrifold` gave. The plugin does not close it. */
  trifold: Application<never, never>
  /**
   * The `access` of the API. A key with `console: 'reader'` sees the pages, one with `console: 'operator'` also acts, others
   * do neither. With `open` everybody who gets there sees them, and nobody acts.
   */
  access: ApiAccess | 'open'
  /** Where the pages of `@trifold/explorer` are, to link to them; default no link. */
  explorer?: string
}

/**
 * The console, as a plugin of Fastify 5: `app.register(trifoldConsole, { trifold, access, prefix: '/console' })`. Operators see
 * there how every target is, and act on them; what they do is written to `trifold.audit`.
 *
 * @throws API_INVALID if a key or role of `access` cannot be kept to
 */
export const trifoldConsole: FastifyPluginAsync<ConsoleOptions> = async (app, { trifold, access, explorer }) => {
  const callerOf = consoleCallers(access)
  const { admin } = trifold
  const underway = new Underway(Application.toolkitOf(trifold))
  const routes: Routes = { home: app.prefix, explorer, trifold, admin, sight: new Sight(admin), underway }
  app.addHook('onClose', () => underway.close())
  answerErrors(app, routes)
  assets.route(app)
  routeSignIn({ app, home: routes.home, layout: Layout, refusalOf: async (key) => refusalOf(callerOf, key) })
  await app.register(async (pages) => {
    admitReaders(pages, routes, callerOf)
    routePages(pages, routes)
    routeNight(pages, routes)
    routePrices(pages, routes)
  })
  await app.register(async (actions) => {
    admitReaders(actions, routes, callerOf)
    admitOperators(actions)
    routeActions(actions, routes)
    routeTune(actions, routes)
  })
}
