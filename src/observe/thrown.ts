import { inspect } from 'node:util'

const longest = 2_000

/**
 * What a handler threw, as a reason that can be kept: it may be anything, and PostgreSQL holds neither zero characters nor
 * halves of others.
 */
export const reasonOf = (thrown: unknown): string => storable(() => (thrown instanceof Error ? thrown.message : thrown))

/** What a handler returned, as text. */
export const shownValue = (value: unknown): string =>
  storable(() => (typeof value === 'string' ? JSON.stringify(value.slice(0, longest)) : value))

function storable(read: () => unknown): string {
  try {
    const value = read()
    const text = typeof value === 'string' ? value : inspect(value, { breakLength: Infinity, customInspect: false })
    return text
      .slice(0, longest)
      .replaceAll('\0', '\\0')
      .replaceAll(/\p{Surrogate}/gu, '\ufffd')
  } catch {
    return 'something that cannot be shown'
  }
}
