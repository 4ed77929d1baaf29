import { keyCookie } from '@trifold/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../api.ts'
import { SignInPage } from '../pages/sign-in.tsx'
import { apiFor, type Routes } from './context.ts'
import { sendPage } from './send-page.ts'

/** Routes the page that takes a key, and what takes it back. */
export function routeSignIn(routes: Routes): void {
  const { app, home } = routes
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 4096 },
    (_, body, done) => done(null, new URLSearchParams(body as string)),
  )
  app.get<{ Querystring: { to?: string } }>('/-/sign-in', (request, reply) =>
    sendPage(reply, <SignInPage home={home} to={placeOf(routes, request.query.to)} />),
  )
  app.post<{ Body: URLSearchParams | undefined }>('/-/sign-in', async (request, reply) => {
    const key = request.body?.get('key')?.trim() ?? ''
    const to = placeOf(routes, request.body?.get('to'))
    if (!isOwn(request)) return refuse(reply, routes, to, 'That came from another page; sign in here.')
    if (!(await isKnown(routes, request, key))) return refuse(reply, routes, to, 'This key is not known.')
    return reply.header('set-cookie', cookie(request, encodeURIComponent(key))).redirect(to, 303)
  })
  app.post('/-/sign-out', (request, reply) =>
    reply.header('set-cookie', `${cookie(request, '')}; Max-Age=0`).redirect(`${home}/-/sign-in`, 303),
  )
}

const refuse = (reply: FastifyReply, { home }: Routes, to: string, fault: string) =>
  sendPage(reply, <SignInPage home={home} to={to} fault={fault} />, 401)

async function isKnown(routes: Routes, request: FastifyRequest, key: string): Promise<boolean> {
  try {
    await apiFor(routes, request).as(key).readModels()
    return true
  } catch (error) {
    if (error instanceof Refusal && error.problem.status === 401) return false
    throw error
  }
}

/** No script reads it, no other site's page sends it with what it posts, and it is gone with the browser. */
const cookie = ({ headers, protocol }: FastifyRequest, value: string): string =>
  `${keyCookie}=${value}; Path=/; HttpOnly; SameSite=Lax${isSecure(headers, protocol) ? '; Secure' : ''}`

/** A proxy that speaks TLS says so. */
const isSecure = (headers: FastifyRequest['headers'], protocol: string): boolean =>
  protocol === 'https' || headers['x-forwarded-proto'] === 'https'

/** Browsers say where a form was. */
const isOwn = ({ headers: { origin, host, 'sec-fetch-site': site } }: FastifyRequest): boolean =>
  site === undefined
    ? origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)
    : site === 'same-origin'

/** A page of the explorer, and no other address. */
const placeOf = ({ home }: Routes, to: string | null | undefined): string =>
  to?.startsWith(`${home}/`) && !to.startsWith('//') && !/[\\\s]/.test(to) ? to : home
