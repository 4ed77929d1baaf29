import type { FastifyInstance, FastifyRequest } from 'fastify'
import { PageError } from './page-error.ts'

const headers = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
}

/**
 * Nobody signs in with a password here, so the shop answers this machine alone: by its loopback names (a foreign name
 * that points here is how a web page reaches a local server), and it takes changes only from its own pages.
 */
export function guard(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(headers)
    if (!isLoopback(request.headers.host)) {
      throw new PageError(421, 'This is another place', 'The shop answers at 127.0.0.1 and localhost only.')
    }
    if (request.method !== 'GET' && request.method !== 'HEAD' && !isOwn(request)) {
      throw new PageError(403, 'That came from elsewhere', 'Changes are taken only from the pages of this shop.')
    }
  })
}

const isLoopback = (host = ''): boolean => /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host)

/** Browsers send the origin with every form; where it lacks, they say in another header where the page came from. */
function isOwn({ headers: { origin, host, 'sec-fetch-site': site } }: FastifyRequest): boolean {
  return origin === undefined ? site === 'same-origin' : origin === `http://${host}`
}
