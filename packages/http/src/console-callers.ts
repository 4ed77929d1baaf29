import type { FastifyRequest } from 'fastify'
import { type ApiAccess, type ConsoleRole, everybody, holdersOf, invalid, rolesOf } from './access.ts'
import { authorizationOf } from './key-cookie.ts'

/** Who asks for a page of the console. */
export interface ConsoleCaller {
  /** The name of the key; undefined if none is asked for. */
  key: string | undefined
  /** Undefined if the key opens the API alone. */
  role: ConsoleRole | undefined
}

/**
 * Finds out who asks for a page of the console, by the key of the request or the cookie.
 *
 * @returns what throws ACCESS_DENIED for a request without a key that is known
 * @throws API_INVALID
 */
export function consoleCallers(
  access: ApiAccess | 'open',
): (request: Pick<FastifyRequest, 'headers'>) => ConsoleCaller {
  if (access !== 'open' && (typeof access !== 'object' || access === null))
    throw invalid("access: must be 'open', or have `roles` and `keys`")
  const identify = access === 'open' ? everybody([]) : holdersOf(access, rolesOf(access))
  return (request) => {
    const { key, console } = identify(authorizationOf(request))
    return { key, role: console }
  }
}
