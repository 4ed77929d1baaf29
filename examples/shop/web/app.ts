import { randomBytes } from 'node:crypto'
import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { Address } from './address.ts'
import { assetRoutes } from './assets.ts'
import type { WebContext } from './context.ts'
import { guard } from './guard.ts'
import { problemPage } from './page.ts'
import { PageError, pageErrorOf } from './page-error.ts'
import { behindRoutes } from './routes/behind.ts'
import { cartRoutes } from './routes/cart.ts'
import { experimentRoutes } from './routes/experiments.ts'
import { orderRoutes } from './routes/order.ts'
import { ordersRoutes } from './routes/orders.ts'
import { productRoutes } from './routes/product.ts'
import { productsRoutes } from './routes/products.ts'
import { salesRoutes } from './routes/sales.ts'
import { signInRoutes } from './routes/sign-in.ts'

/**
 * The web front of the shop, not listening yet.
 *
 * @param onError is told what nobody foresaw; readers are told nothing of it
 */
export async function createApp(web: WebContext, onError: (error: unknown) => void): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: 16_384,
    forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: true },
    // An address that is not even one, such as `/%E0`: no hook and no route sees it.
    frameworkErrors: (error, request, reply) => sendProblem(error, request, reply),
  })
  // Signed in for as long as the server runs: nothing is at stake.
  await app.register(cookie, { secret: randomBytes(32).toString('hex') })
  await app.register(formbody)
  guard(app)
  app.setNotFoundHandler((request) => {
    throw new PageError(404, 'There is no such page', `Nothing is at ${request.url.split('?')[0]}.`)
  })
  app.setErrorHandler((error, request, reply) => {
    if (sendProblem(error, request, reply).statusCode === 500) onError(error)
    return reply
  })
  assetRoutes(app)
  app.get('/', (_request, reply) => reply.redirect('/products', 303))
  const routes = [
    productsRoutes,
    productRoutes,
    cartRoutes,
    ordersRoutes,
    orderRoutes,
    salesRoutes,
    signInRoutes,
    experimentRoutes,
    behindRoutes,
  ]
  for (const register of routes) register(app, web)
  return app
}

function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, title, message } = pageErrorOf(error)
  const page = problemPage(title, message, new Address(request.url.split('?')[0] as string), cameFrom(request))
  return reply.code(status).type('text/html; charset=utf-8').send(page)
}

/** The page of this shop whose form was refused. */
function cameFrom({ method, headers: { referer, host } }: FastifyRequest): string | undefined {
  const start = `http://${host}`
  return method === 'POST' && referer?.startsWith(`${start}/`) ? referer.slice(start.length) : undefined
}
