import type { FastifyRequest } from 'fastify'
import { TrifoldError } from 'trifold/internal/errors'
import { parseExactly } from 'trifold/internal/query/exact-json'
import { exceeded, type Limits } from './limits.ts'

/** A request to the library, as JSON gives it. */
export type Asked = Record<string, unknown>

/**
 * The JSON of a request: the body of a POST, the parameter `request` of a GET.
 *
 * @throws REQUEST_INVALID, LIMIT_EXCEEDED
 */
export function jsonOf(request: FastifyRequest, limits: Limits): Asked {
  if (request.method === 'POST') return objectOf(bodyOf(request), 'the body', limits)
  const { request: json } = parametersOf(request)
  return json === undefined ? {} : objectOf(json, '`request`', limits)
}

/** The parameters of the address, each given once. @throws REQUEST_INVALID */
export function parametersOf(request: FastifyRequest): Record<string, string | undefined> {
  const parameters = request.query as Record<string, string | string[]>
  const twice = Object.keys(parameters).find((name) => typeof parameters[name] !== 'string')
  if (twice !== undefined) throw invalid(`the address has \`${twice.slice(0, 60)}\` twice; keep one of them`)
  return parameters as Record<string, string>
}

/** @throws REQUEST_INVALID if the address has others than the known parameters */
export function checkParameters(request: FastifyRequest, known: readonly string[]): void {
  const takes = known.length === 0 ? 'it takes none' : `it takes ${known.join(', ')}`
  for (const name of Object.keys(request.query as object))
    if (!known.includes(name)) throw invalid(`the address has an unknown parameter \`${name.slice(0, 60)}\`; ${takes}`)
}

/** Bytes, which are text only if they are UTF-8. */
function bodyOf({ body }: FastifyRequest): string {
  if (!Buffer.isBuffer(body) || body.length === 0)
    throw invalid('the body is empty; send a request as JSON, such as {}')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw invalid('the body is not UTF-8')
  }
}

function objectOf(json: string, what: string, { body, depth }: Limits): Asked {
  if (Buffer.byteLength(json) > body) throw exceeded('body', `${body} bytes`, `${what} is longer`)
  const refusal = () => exceeded('depth', depth, `${what} is nested deeper`)
  const value = parsed(json, what, () => parseExactly(json, { most: depth, refusal }))
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Asked
  throw invalid(`${what} is no JSON object`)
}

function parsed(json: string, what: string, parse: () => unknown): unknown {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw invalid(json.trim() === '' ? `${what} is empty` : `${what} is not JSON: ${plain(error.message)}`)
  }
}

const plain = (message: string): string => message.replaceAll(/\p{Cc}/gu, '�').slice(0, 200)

export const invalid = (fault: string): TrifoldError => new TrifoldError('REQUEST_INVALID', `http: ${fault}`)
