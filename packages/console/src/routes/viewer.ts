import type { ConsoleCaller } from '@trifold/http'
import { isSentFromHere, isSignedIn } from '@trifold/pages'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { isTrifoldError, TrifoldError } from 'trifold/internal/errors'
import { localZone } from 'trifold/internal/operator/history'
import { isTimeZone } from 'trifold/internal/timing/time-zone'
import type { Viewer } from '../parts/viewer.ts'
import type { Routes } from './context.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who looks at a page of the console. */
    viewer: Viewer
  }
}

type CallerOf = (request: Pick<FastifyRequest, 'headers'>) => ConsoleCaller

/** Lets those in who may see the console, and refuses all others before anything is read. */
export function admitReaders(app: FastifyInstance, { home, explorer }: Routes, callerOf: CallerOf): void {
  app.decorateRequest('viewer', null as unknown as Viewer)
  app.addHook('onRequest', async (request) => {
    const { key, role } = callerOf(request)
    if (role === undefined) throw denied('this key opens the API, and not the console')
    const canAct = role === 'operator' && key !== undefined
    request.viewer = { home, explorer, key, canAct, timeZone: zoneOf(request), isSignedIn: isSignedIn(request) }
  })
}

/** Of those it lets the ones in who may act, from pages of this server. */
export function admitOperators(app: FastifyInstance): void {
  app.addHook('onRequest', async (request) => {
    if (!request.viewer.canAct)
      throw denied('this key may look, and not act; that takes one with `console: "operator"`')
    if (!isSentFromHere(request)) throw denied('that was asked for by a page of another site')
  })
}

/** Why a key opens nothing here; undefined if it does. */
export function refusalOf(callerOf: CallerOf, key: string): string | undefined {
  try {
    const { role } = callerOf({ headers: { authorization: `Bearer ${key}` } })
    return role === undefined ? 'This key opens the API, and not the console.' : undefined
  } catch (error) {
    if (isTrifoldError(error, 'ACCESS_DENIED')) return 'This key is not known.'
    throw error
  }
}

const denied = (reason: string): TrifoldError =>
  new TrifoldError('ACCESS_DENIED', `console: ${reason}`, { details: { status: 403 } })

/** The script of the pages keeps the zone of the browser in a cookie. */
function zoneOf({ headers }: FastifyRequest): string {
  const [, given = ''] = /(?:^|; )trifold-zone=([A-Za-z0-9_+\-/]{1,60})(?:;|$)/.exec(headers.cookie ?? '') ?? []
  return isTimeZone(given) ? given : localZone()
}
