import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Found, Suggestions, Summary } from 'trifold'
import { isTrifoldError, TrifoldError } from 'trifold/internal/errors'
import type { Api, Named } from './context.ts'
import { entityTag, isKnown } from './entity-tag.ts'
import { grantOf, readerFor, stillFits } from './granted.ts'
import { withinSize, withinTime } from './limits.ts'
import { type Asked, checkParameters, jsonOf } from './request-json.ts'
import { sayToken, withToken } from './token.ts'

/** What the library answers, and what its `limit` counts, if that may be too much. */
export const reads = { find: 'rows', summarize: 'groups', suggest: undefined } as const

export type ReadKind = keyof typeof reads
type Answer = Found | Summary | Suggestions

/** Routes them, each as GET and POST. */
export function routeReads(app: FastifyInstance, api: Api): void {
  for (const kind of Object.keys(reads) as ReadKind[]) {
    const url = `/read-models/:name/${kind}`
    const handler = (request: FastifyRequest, reply: FastifyReply) => answer(api, kind, request, reply)
    app.route({ method: ['GET', 'POST'], url, exposeHeadRoute: false, bodyLimit: api.limits.body, handler })
  }
}

async function answer(api: Api, kind: ReadKind, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { name } = request.params as Named
  grantOf(request.caller, name)
  checkParameters(request, request.method === 'GET' ? ['request'] : [])
  const asked = askedOf(api, kind, request)
  const reader = readerFor(api.toolkit, request.caller, name)
  const answering: Promise<Answer> = reader[kind](asked as never)
  return send(request, reply, await fitting(api, request, name, answering), asked)
}

/** The answer, or 304 if the client has it already, with the age that it has now. */
function send(request: FastifyRequest, reply: FastifyReply, answered: Answer, asked: Asked): FastifyReply {
  const { waited: _, asOf, snapshot, lag: __, ...content } = answered
  const tag = entityTag(request, (request.params as Named).name, content)
  sayToken(reply, asked)
  reply.header('etag', tag)
  if (asOf !== undefined) reply.header('trifold-as-of', asOf)
  if (snapshot !== undefined) reply.header('trifold-snapshot', snapshot)
  if (isKnown(request, tag)) return reply.code(304).send()
  return reply.type('application/json').send(JSON.stringify(answered))
}

function askedOf({ limits }: Api, kind: ReadKind, request: FastifyRequest): Asked {
  const asked = withinTime(withToken(request, jsonOf(request, limits)), limits)
  const size = reads[kind]
  return size === undefined ? asked : withinSize(asked, size, limits)
}

/** A refusal for the sake of the grant itself is no fault of the caller, and not for its eyes. */
export async function fitting<Given>(
  { toolkit }: Api,
  { caller }: FastifyRequest,
  name: string,
  answer: Promise<Given>,
): Promise<Given> {
  try {
    return await answer
  } catch (cause) {
    if (!isTrifoldError(cause, 'QUERY_INVALID') || (await stillFits(toolkit, caller, name))) throw cause
    throw new TrifoldError('API_INVALID', `http: a role no longer fits ${name}: ${cause.message}`, { cause })
  }
}
