import { isTrifoldError } from '../errors.ts'
import { invalidQuery } from './invalid.ts'

/** The values of an object that came from outside, by name. It has no prototype, so no name means anything by itself. */
export type Parts = Record<string, unknown>

/**
 * The own values of a plain object, each read once: what is used later is what was checked. Properties that run code,
 * symbols and objects of a class are refused, because a part of them could be overlooked.
 *
 * @param what names the object in the message: `find`, `where`
 * @throws QUERY_INVALID
 */
export function partsOf(what: string, given: unknown): Parts {
  if (!isPlain(given)) throw invalidQuery(`${what} takes a plain object, not ${shown(given)}`)
  const parts: Parts = Object.create(null)
  for (const name of Reflect.ownKeys(given)) {
    const property = Object.getOwnPropertyDescriptor(given, name)
    if (typeof name === 'symbol' || !property || !('value' in property)) {
      throw invalidQuery(
        `${what} takes plain values, and \`${String(name)}\` is not one; copy the value into the request`,
      )
    }
    parts[name] = property.value
  }
  return parts
}

/** Of this realm or of another, such as a test runner's. */
function isPlain(given: unknown): given is object {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return false
  const prototype = Object.getPrototypeOf(given)
  if (prototype === null) return true
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf')
}

/** How a message shows what was given instead. */
export function shown(given: unknown): string {
  if (typeof given === 'string')
    return given.length > 60 ? `${JSON.stringify(given.slice(0, 60))}…` : JSON.stringify(given)
  if (typeof given === 'function') return 'a function'
  if (Array.isArray(given)) return 'a list'
  if (typeof given !== 'object' || given === null) return `${String(given)}${typeof given === 'bigint' ? 'n' : ''}`
  return isPlain(given) ? 'an object' : `an object of a class${classOf(given)}`
}

function classOf(given: object): string {
  const name = Object.getPrototypeOf(given)?.constructor?.name
  return typeof name === 'string' && name !== '' ? ` (${name.slice(0, 60)})` : ''
}

/**
 * What `read` makes of a request. Values may run their own code when they are read: what that throws is a fault of the
 * request.
 *
 * @throws QUERY_INVALID, or the TrifoldError of `read`
 */
export function understood<Result>(read: () => Result): Result {
  try {
    return read()
  } catch (cause) {
    if (isTrifoldError(cause)) throw cause
    throw invalidQuery(
      `the request cannot be read: ${cause instanceof Error ? cause.message : shown(cause)}`,
      {},
      cause,
    )
  }
}
