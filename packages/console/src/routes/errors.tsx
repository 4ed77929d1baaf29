import { FaultPage, isSignedIn, sendPage, signInAt } from '@trifold/pages'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ErrorCode } from 'trifold'
import { failureOf } from 'trifold/internal/observe'
import { Layout } from '../parts/layout.tsx'
import type { Routes } from './context.ts'

const statuses: { readonly [Code in ErrorCode]?: number } = {
  ACCESS_DENIED: 401,
  READ_MODEL_UNKNOWN: 404,
  TARGET_UNKNOWN: 404,
  PARKED_UNKNOWN: 404,
  REQUEST_INVALID: 400,
  HISTORY_INVALID: 400,
  SCHEDULE_INVALID: 400,
  DATABASE_UNREACHABLE: 503,
  DATABASE_FULL: 503,
  STATEMENT_TIMEOUT: 503,
}

/** Every error is answered with a page: one without a key with the page that takes it. */
export function answerErrors(app: FastifyInstance, { home }: Routes): void {
  app.setErrorHandler((error, request, reply) => {
    const { status, title, text } = faultOf(error as Error & { statusCode?: number })
    if (status === 401) return reply.redirect(signInAt(home, placeOf(request, home)), 303)
    if (status >= 500) request.log.error({ err: error }, 'a page failed')
    const frame = { layout: Layout, home, isSignedIn: isSignedIn(request) }
    const back = { href: home, label: 'All targets' }
    return sendPage(reply, <FaultPage title={title} text={text} back={back} {...frame} />, status)
  })
}

/** Where a reader wanted to be: what was to be done is asked for again. */
const placeOf = ({ method, url }: FastifyRequest, home: string): string => (method === 'GET' ? url : `${home}/`)

interface Fault {
  status: number
  title: string
  text: string
}

function faultOf(error: Error & { statusCode?: number }): Fault {
  const { code, message, details } = failureOf(error)
  const status = Number(details.status ?? statuses[code] ?? error.statusCode ?? 500)
  const text = message.replace(/^\w+: /, '')
  if (status === 403) return { status, title: 'That is not for this key', text }
  if (status === 404) return { status, title: 'There is no such thing', text }
  if (status === 503) return { status, title: 'The database does not answer', text }
  if (status < 500) return { status, title: 'That was not understood', text }
  return { status: 500, title: 'The page failed', text: 'The log of the server says why.' }
}
