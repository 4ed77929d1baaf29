import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import { TrifoldError } from 'trifold/internal/errors'
import type { Toolkit } from 'trifold/internal/toolkit'
import { Application } from 'trifold/internal/trifold'
import { type ApiAccess, type Caller, everybody, holdersOf, type Identify, invalid, rolesOf } from './access.ts'
import type { Api } from './context.ts'
import { routeExports } from './exports.ts'
import { checkGrants } from './granted.ts'
import { authorizationOf } from './key-cookie.ts'
import { exceeded, type Limits, limitsOf } from './limits.ts'
import { routeOpenApi } from './open-api.ts'
import { allowOrigins } from './origins.ts'
import { sendProblem } from './problem.ts'
import { routeReadModels } from './read-models.ts'
import { routeReads } from './reads.ts'
import type { ApiSettings } from './settings.ts'

/** What the plugin is given. */
export interface ApiOptions extends ApiSettings {
  /** What `openTrifold` gave. The plugin does not close it. */
  trifold: Application<never, never>
}

/**
 * The HTTP API of an opened Trifold, as a plugin of Fastify 5: `app.register(trifoldApi, { trifold, access, prefix: '/api' })`.
 *
 * @throws API_INVALID if a role names what there is not, or could be read as everything, or a limit cannot be kept to
 */
export const trifoldApi: FastifyPluginAsync<ApiOptions> = async (app, options) => {
  const toolkit = Application.toolkitOf(options.trifold)
  const { access } = options
  const api: Api = { toolkit, limits: limitsOf(options.limits), hasKeys: access !== 'open' }
  allowOrigins(app, options.origins)
  identifyCallers(app, await identifierOf(toolkit, access))
  takeJson(app, api.limits)
  app.setErrorHandler((error, request, reply) => sendProblem(request, reply, inWords(error as Error, api.limits)))
  routeReadModels(app, api)
  routeReads(app, api)
  routeExports(app, api)
  routeOpenApi(app, api)
}

async function identifierOf(toolkit: Toolkit, access: ApiAccess | 'open'): Promise<Identify> {
  if (access === 'open') return everybody(Object.keys(toolkit.config.readModels))
  if (typeof access !== 'object' || access === null) throw invalid("access: must be 'open', or have `roles` and `keys`")
  const roles = rolesOf(access)
  await checkGrants(toolkit, roles)
  return holdersOf(access, roles)
}

/** Before anything is read of a request. */
function identifyCallers(app: FastifyInstance, identify: Identify): void {
  app.decorateRequest('caller', null as unknown as Caller)
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ 'x-content-type-options': 'nosniff', 'cache-control': 'private, no-cache' })
    if (!reply.hasHeader('vary')) reply.header('vary', 'Authorization, Cookie, Trifold-Token')
    if (request.method !== 'OPTIONS') request.caller = identify(authorizationOf(request))
  })
}

/** Bodies arrive as bytes: each route reads them by itself, exactly. */
function takeJson(app: FastifyInstance, { body }: Limits): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit: body }, (_request, bytes, done) =>
    done(null, bytes),
  )
}

/** What Fastify itself refuses. */
function inWords(error: Error & { code?: unknown; statusCode?: number }, { body }: Limits): Error {
  const { code, statusCode: status = 500 } = error
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return exceeded('body', `${body} bytes`, 'the body is longer')
  if (typeof code !== 'string' || !code.startsWith('FST_') || status >= 500) return error
  const message = status === 415 ? 'the body has another type; send `Content-Type: application/json`' : error.message
  return new TrifoldError('REQUEST_INVALID', `http: ${message}`, { cause: error, details: { status } })
}
