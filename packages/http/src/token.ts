import type { FastifyReply, FastifyRequest } from 'fastify'
import { type CommitToken, joinTokens, parseToken } from 'trifold/internal/outbox/token'
import { type Asked, invalid } from './request-json.ts'

/** The header with the commit token that a client has seen last: it sends it with every request, and keeps what answers have. */
export const tokenHeader = 'trifold-token'

/** A request that waits for the token of its header too. @throws TOKEN_INVALID, ERA_MISMATCH, REQUEST_INVALID */
export function withToken(request: FastifyRequest, asked: Asked): Asked {
  const token = request.headers[tokenHeader]
  if (token === undefined) return asked
  if (typeof token !== 'string') throw invalid(`the header \`${tokenHeader}\` is given twice; keep one of them`)
  parseToken(token)
  const { after = token } = asked
  return { ...asked, after: typeof after === 'string' ? joined(after, token) : after }
}

const joined = (after: CommitToken, token: CommitToken): CommitToken =>
  after === token ? token : joinTokens([after, token])

/** Says which commits the answer shows, so that a client which keeps the header goes on from there. */
export const sayToken = (reply: FastifyReply, { after }: Asked): void => {
  if (typeof after === 'string') reply.header(tokenHeader, after)
}
