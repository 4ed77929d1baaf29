import { keyCookie } from '@trifold/http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Layout } from './frame.tsx'
import { sendPage } from './send-page.ts'
import { isSentFromHere } from './sent-from-here.ts'
import { SignInPage } from './sign-in-page.tsx'

/** Pages that take a key. */
export interface SignIn {
  app: FastifyInstance
  /** Where the pages begin, without a slash at the end. */
  home: string
  layout: Layout
  /** Why a key that a browser sends opens nothing here; undefined if it does. */
  refusalOf(key: string, request: FastifyRequest): Promise<string | undefined>
}

/** Routes the page that takes a key, and what takes it back. */
export function routeSignIn(pages: SignIn): void {
  const { app, home, layout } = pages
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 4096 },
    (_, body, done) => done(null, new URLSearchParams(body as string)),
  )
  app.get<{ Querystring: { to?: string } }>('/-/sign-in', (request, reply) =>
    sendPage(reply, <SignInPage layout={layout} home={home} to={placeOf(home, request.query.to)} />),
  )
  app.post<{ Body: URLSearchParams | undefined }>('/-/sign-in', async (request, reply) => {
    const key = request.body?.get('key')?.trim() ?? ''
    const to = placeOf(home, request.body?.get('to'))
    if (!isSentFromHere(request)) return refuse(reply, pages, to, 'That came from another page; sign in here.')
    const fault = await pages.refusalOf(key, request)
    if (fault !== undefined) return refuse(reply, pages, to, fault)
    return reply.header('set-cookie', cookie(request, encodeURIComponent(key))).redirect(to, 303)
  })
  app.post('/-/sign-out', (request, reply) =>
    reply.header('set-cookie', `${cookie(request, '')}; Max-Age=0`).redirect(`${home}/-/sign-in`, 303),
  )
}

/** The page that takes a key, for one who wanted another page. */
export const signInAt = (home: string, to: string): string => `${home}/-/sign-in?${new URLSearchParams({ to })}`

/** Whether a browser keeps a key. */
export const isSignedIn = ({ headers }: FastifyRequest): boolean => (headers.cookie ?? '').includes(`${keyCookie}=`)

const refuse = (reply: FastifyReply, { home, layout }: SignIn, to: string, fault: string) =>
  sendPage(reply, <SignInPage layout={layout} home={home} to={to} fault={fault} />, 401)

/** No script reads it, no other site's page sends it with what it posts, and it is gone with the browser. */
const cookie = ({ headers, protocol }: FastifyRequest, value: string): string =>
  `${keyCookie}=${value}; Path=/; HttpOnly; SameSite=Lax${isSecure(headers, protocol) ? '; Secure' : ''}`

/** A proxy that speaks TLS says so. */
const isSecure = (headers: FastifyRequest['headers'], protocol: string): boolean =>
  protocol === 'https' || headers['x-forwarded-proto'] === 'https'

/** One of these pages, and no other address. */
const placeOf = (home: string, to: string | null | undefined): string =>
  to?.startsWith(`${home}/`) && !to.startsWith('//') && !/[\\\s]/.test(to) ? to : home
