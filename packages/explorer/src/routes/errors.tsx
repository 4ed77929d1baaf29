import { FaultPage, sendPage, signInAt } from '@trifold/pages'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../api.ts'
import { Layout } from '../parts/layout.tsx'
import { ViewError } from '../view.ts'
import { type Routes, readerOf } from './context.ts'

/** Every error is answered with a page: one without a key with the page that takes it. */
export function answerErrors(routes: Routes): void {
  routes.app.setErrorHandler((error, request, reply) => {
    const { home } = routes
    if (error instanceof Refusal && error.problem.status === 401)
      return reply.redirect(signInAt(home, request.url), 303)
    const { status, title, text } = faultOf(error as Error & { statusCode?: number })
    if (status >= 500) request.log.error({ err: error }, 'a page failed')
    return sendFault(routes, request, reply, { status, title, text, isView: error instanceof ViewError })
  })
}

interface Fault {
  status: number
  title: string
  text: string
}

function faultOf(error: Error & { statusCode?: number }): Fault {
  if (error instanceof ViewError) return { status: 400, title: 'This is no view', text: error.message }
  if (error instanceof Refusal) {
    const { status, title, detail } = error.problem
    return { status, title, text: detail.replace(/^http: /, '') }
  }
  const { statusCode = 500 } = error
  return statusCode < 500
    ? { status: statusCode, title: 'That was not understood', text: error.message }
    : { status: 500, title: 'The page failed', text: 'The log of the server says why.' }
}

function sendFault(
  routes: Routes,
  request: FastifyRequest,
  reply: FastifyReply,
  { status, title, text, isView }: Fault & { isView: boolean },
): FastifyReply {
  const back = isView
    ? { href: request.url.split('?')[0] as string, label: 'All rows' }
    : { href: routes.home, label: 'All read models' }
  const frame = { layout: Layout, ...readerOf(routes, request) }
  return sendPage(reply, <FaultPage title={title} text={text} back={back} {...frame} />, status)
}
