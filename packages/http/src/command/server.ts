import { type FastifyBaseLogger, type FastifyInstance, type FastifyPluginAsync, fastify } from 'fastify'
import { TrifoldError } from 'trifold/internal/errors'
import type { Application } from 'trifold/internal/trifold'
import { trifoldApi } from '../api.ts'
import { sendProblem } from '../problem.ts'
import type { ApiSettings } from '../settings.ts'
import { isLoopback } from './loopback.ts'

/** How long a client may take to send a request, in milliseconds. */
const longestRequest = 30_000

/** What a server has. */
export interface Served {
  trifold: Application<never, never>
  settings: ApiSettings
  /** The pages beside the API, if there are any. */
  explorer?: FastifyPluginAsync | undefined
  console?: FastifyPluginAsync<ConsoleGiven> | undefined
  /** Called with each error that was answered with 500 or more. */
  onError: (error: unknown) => void
}

/** What the console of `@trifold/console` is given. */
export interface ConsoleGiven {
  trifold: Application<never, never>
  access: ApiSettings['access']
  explorer?: string
}

/** Where the pages are. */
export const explorerPath = '/explore'
export const consolePath = '/console'

/** A server that has the API, and pages that ask it. */
export async function serverOf({ trifold, settings, explorer, console, onError }: Served): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: loggerOf(onError),
    requestTimeout: longestRequest,
    frameworkErrors: (error, request, reply) => sendProblem(request, reply, unreadable(error.message)),
  })
  if (settings.access === 'open') refuseOtherNames(app)
  app.setNotFoundHandler((request, reply) => sendProblem(request, reply, nothingThere(request.method)))
  leaveWhenClosing(app)
  await app.register(trifoldApi, { trifold, ...settings })
  if (explorer) await app.register(explorer, { prefix: explorerPath })
  if (console) {
    const given = { trifold, access: settings.access, ...(explorer && { explorer: explorerPath }) }
    await app.register(console, { prefix: consolePath, ...given })
  }
  const first = explorer ? explorerPath : console && consolePath
  if (first) app.get('/', (_request, reply) => reply.redirect(first, 303))
  return app
}

/**
 * Without keys, a page of the web that has its own name resolve to this machine must not read: its requests have that name
 * as their host.
 */
function refuseOtherNames(app: FastifyInstance): void {
  app.addHook('onRequest', async (request) => {
    if (isLoopback(request.hostname)) return
    throw new TrifoldError('ACCESS_DENIED', 'http: without keys only requests to localhost are answered', {
      details: { status: 403 },
    })
  })
  app.setErrorHandler((error, request, reply) => sendProblem(request, reply, error))
}

/** A client that keeps its connection would hold up the end. */
function leaveWhenClosing(app: FastifyInstance): void {
  let isClosing = false
  app.addHook('preClose', async () => {
    isClosing = true
  })
  app.addHook('onSend', async (_request, reply) => {
    if (isClosing) reply.header('connection', 'close')
  })
}

const unreadable = (message: string) => new TrifoldError('REQUEST_INVALID', `http: ${message}`)

const nothingThere = (method: string) =>
  new TrifoldError('REQUEST_INVALID', `http: there is nothing at this address for ${method}; see /openapi.json`, {
    details: { status: 404 },
  })

/** Fastify logs to it; only errors are of interest. */
function loggerOf(onError: (error: unknown) => void): FastifyBaseLogger {
  const nothing = () => {}
  const error = (about: unknown) => onError((about as { err?: unknown })?.err ?? about)
  const logger = { level: 'error', error, fatal: error, warn: nothing, info: nothing, debug: nothing, trace: nothing }
  return { ...logger, silent: nothing, child: () => loggerOf(onError) } as unknown as FastifyBaseLogger
}
