import { keyText } from '../definition/key.ts'
import type { Definition } from '../definition.ts'

/** The text of the one key that a request asks for by equality in every key column; undefined if it asks for more. */
export function keyAsked({ key }: Definition, request: unknown): string | undefined {
  const { where = {} } = (request ?? {}) as { where?: Record<string, unknown> }
  const values = key.map(({ name }) => where[name])
  if (values.some((value) => value === undefined || value === null || typeof value === 'object')) return undefined
  return keyText(
    key,
    key.map(({ encoding }, place) => encoding.canonical(values[place])),
  )
}
