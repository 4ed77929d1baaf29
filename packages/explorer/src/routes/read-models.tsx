import { sendPage } from '@trifold/pages'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../api.ts'
import { HomePage } from '../pages/home.tsx'
import { ReadModelPage } from '../pages/read-model.tsx'
import type { PageContext } from '../parts/page-context.ts'
import { pivotCsv } from '../pivot-csv.ts'
import { readPivot } from '../reading/pivot.ts'
import { readPage, type Seen } from '../reading.ts'
import { addressOf } from '../view/address.ts'
import { checkView } from '../view/check.ts'
import { parseView } from '../view/parse.ts'
import { apiFor, type Routes, readerOf } from './context.ts'

/** Routes the list of the read models, and the page of each. */
export function routeReadModels(routes: Routes): void {
  const { app, home } = routes
  app.get('/', async (request, reply) => {
    const entries = await apiFor(routes, request).readModels()
    return sendPage(reply, <HomePage entries={entries} reader={readerOf(routes, request)} />)
  })
  app.get<{ Params: { name: string } }>('/:name', async (request, reply) => {
    const api = apiFor(routes, request)
    const { name } = request.params
    const entry = await api.readModel(name)
    const path = `${home}/${encodeURIComponent(name)}`
    const parameters = parametersOf(request)
    const view = parseView(parameters, entry)
    checkView(view, entry)
    const address = addressOf(view)
    if (address !== written(parameters)) return reply.redirect(path + address, 303)
    return sendView(routes, request, reply, { entry, view, api, path })
  })
}

/** The groups of a view as a file: what its page shows. */
export function routeGroups(routes: Routes): void {
  routes.app.get<{ Params: { name: string } }>('/:name/groups.csv', async (request, reply) => {
    const api = apiFor(routes, request)
    const entry = await api.readModel(request.params.name)
    const view = parseView(parametersOf(request), entry)
    checkView(view, entry)
    const pivot = await readPivot(api, entry, view)
    const { asOf, snapshot, target } = pivot.answer
    return reply
      .type('text/csv; charset=utf-8; header=present')
      .headers({
        'content-disposition': `attachment; filename="${entry.name}-groups.csv"`,
        'cache-control': 'no-store',
        'trifold-target': target,
        ...(asOf !== undefined && { 'trifold-as-of': asOf }),
        ...(snapshot !== undefined && { 'trifold-snapshot': snapshot }),
      })
      .send(pivotCsv(pivot))
  })
}

async function sendView(routes: Routes, request: FastifyRequest, reply: FastifyReply, context: PageContext) {
  const reader = readerOf(routes, request)
  const page = (seen: Seen | Refusal['problem']) => <ReadModelPage context={context} seen={seen} reader={reader} />
  try {
    return sendPage(reply, page(await readPage(context.api, context.entry, context.view)))
  } catch (error) {
    if (!(error instanceof Refusal) || error.problem.status === 401) throw error
    return sendPage(reply, page(error.problem), error.problem.status)
  }
}

/** Those of the address itself: a framework may take names twice, or leave some out. */
const parametersOf = ({ url }: FastifyRequest): URLSearchParams => new URL(url, 'http://localhost').searchParams

const written = (parameters: URLSearchParams): string => {
  const text = parameters.toString()
  return text && `?${text}`
}
