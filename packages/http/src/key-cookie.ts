import type { FastifyRequest } from 'fastify'

/** The cookie in which a browser that has signed in keeps its key. Another site's pages cannot read what it gets them. */
export const keyCookie = 'trifold-key'

/** What a request says of its key: its header, else the cookie. */
export function authorizationOf({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  if (headers.authorization !== undefined) return headers.authorization
  const cookies = (headers.cookie ?? '').split(';').map((one) => one.trim())
  const own = cookies.find((one) => one.startsWith(`${keyCookie}=`))
  return own && `Bearer ${unescaped(own.slice(keyCookie.length + 1))}`
}

function unescaped(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
