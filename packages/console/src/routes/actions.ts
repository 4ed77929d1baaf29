import type { FastifyInstance } from 'fastify'
import { TrifoldError } from 'trifold/internal/errors'
import { type ParkedAction, parkedActions } from '../actions/parked.ts'
import { type TargetAction, targetActions } from '../actions/targets.ts'
import { beginAction } from './begin-action.ts'
import type { Routes } from './context.ts'
import { knownTarget } from './known-target.ts'

interface Named {
  subject: string
  action: string
}

/** Routes what operators do, as POST alone. */
export function routeActions(app: FastifyInstance, routes: Routes): void {
  const { home, admin } = routes
  app.post<{ Params: Named }>('/targets/:subject/:action', async (request, reply) => {
    const { run } = known<TargetAction>(targetActions, request.params.action)
    const target = knownTarget(routes, request.params.subject)
    await beginAction(routes, request, request.params, (signal) => run(admin, target, signal))
    return reply.redirect(placeOf(home, request.body), 303)
  })
  app.post<{ Params: Named }>('/parked/:subject/:action', async (request, reply) => {
    const { run } = known<ParkedAction>(parkedActions, request.params.action)
    const { id } = await admin.parkedEvent(request.params.subject)
    await beginAction(routes, request, request.params, () => run(admin, id))
    return reply.redirect(placeOf(home, request.body), 303)
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
