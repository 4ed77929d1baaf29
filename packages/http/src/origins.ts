import type { FastifyInstance } from 'fastify'
import { invalid } from './access.ts'

/** What a page of another origin may send, and what it may see of an answer. */
const preflight = {
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': 'Authorization, Content-Type, If-None-Match, Trifold-Token',
  'access-control-max-age': '600',
}
const exposed =
  'ETag, Retry-After, Content-Disposition, Trifold-Token, Trifold-As-Of, Trifold-Snapshot, Trifold-Target, Trifold-Degraded'

/**
 * Lets pages of these origins read answers, in browsers. Without any there is no such header, and no page of another origin
 * reads anything.
 *
 * @param origins such as `https://shop.example`
 * @throws API_INVALID
 */
export function allowOrigins(app: FastifyInstance, origins: readonly string[] = []): void {
  const allowed = new Set(originsOf(origins))
  if (allowed.size === 0) return
  app.addHook('onRequest', async (request, reply) => {
    reply.header('vary', 'Authorization, Cookie, Trifold-Token, Origin')
    const { origin } = request.headers
    if (origin === undefined || !allowed.has(origin)) return
    reply.headers({ 'access-control-allow-origin': origin, 'access-control-expose-headers': exposed })
  })
  app.options('/*', (_request, reply) => reply.headers(preflight).code(204).send())
}

function originsOf(origins: unknown): readonly string[] {
  if (!Array.isArray(origins)) throw invalid('`origins` takes a list, such as ["https://shop.example"]')
  const wrong = origins.find((one) => typeof one !== 'string' || !isOrigin(one))
  if (wrong === undefined) return origins
  throw invalid(
    `\`origins\` has ${JSON.stringify(wrong)}; write an origin such as "https://shop.example", without a path`,
  )
}

const isOrigin = (text: string): boolean =>
  /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text
