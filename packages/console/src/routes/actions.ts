import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { TrifoldError } from 'trifold/internal/errors'
import { type ParkedAction, parkedActions } from '../actions/parked.ts'
import { type TargetAction, targetActions } from '../actions/targets.ts'
import type { Routes } from './context.ts'
import { knownTarget } from './known-target.ts'

interface Named {
  subject: string
  action: string
}

/** Routes what operators do, as POST alone. */
export function routeActions(app: FastifyInstance, routes: Routes): void {
  const { home, admin, sight, underway } = routes
  const act = async (request: FastifyRequest, reply: FastifyReply, work: (signal: AbortSignal) => Promise<string>) => {
    const { action, subject } = request.params as Named
    await underway.begin({ actor: request.viewer.key as string, action, subject }, work, (error) =>
      request.log.error({ err: error }, 'an action could not be recorded'),
    )
    sight.forget()
    return reply.redirect(placeOf(home, request.body), 303)
  }
  app.post<{ Params: Named }>('/targets/:subject/:action', async (request, reply) => {
    const { subject, action } = request.params
    const { run } = known<TargetAction>(targetActions, action)
    const target = knownTarget(routes, subject)
    return act(request, reply, (signal) => run(admin, target, signal))
  })
  app.post<{ Params: Named }>('/parked/:subject/:action', async (request, reply) => {
    const { subject, action } = request.params
    const { run } = known<ParkedAction>(parkedActions, action)
    await admin.parkedEvent(subject) // it throws for an unknown one
    return act(request, reply, () => run(admin, subject))
  })
}

function known<Action>(actions: Readonly<Record<string, Action>>, name: string): Action {
  if (Object.hasOwn(actions, name)) return actions[name] as Action
  throw new TrifoldError(
    'REQUEST_INVALID',
    `console: there is no such action (there are: ${Object.keys(actions).join(', ')})`,
  )
}

/** The page that the form was on, and no other address. */
function placeOf(home: string, body: unknown): string {
  const to = body instanceof URLSearchParams ? (body.get('to') ?? '') : ''
  return to.startsWith(`${home}/`) && !to.startsWith('//') && !/[\\\s]/.test(to) ? to : `${home}/`
}
