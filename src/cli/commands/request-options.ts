import { TrifoldError } from '../../errors.ts'
import { parseExactly } from '../../query/exact-json.ts'
import type { Where } from '../../query.ts'
import { parseTarget } from '../../target.ts'
import type { Toolkit } from '../../toolkit.ts'

/** The read model that is named, and its target if one is. @throws TARGET_UNKNOWN */
export function addressed(toolkit: Toolkit, name: string): { readModel: string; from: string | undefined } {
  if (!name.includes('@')) return { readModel: name, from: undefined }
  toolkit.checkTarget(name)
  const { readModel, materializer } = parseTarget(name)
  return { readModel, from: materializer }
}

/** The names of `a, b`. */
export const listOf = (text: string): string[] => text.split(',').map((name) => name.trim())

/** The library says what is wrong with another text, and shows it. */
export const numberOf = (text: string): number => (/^\d+$/.test(text) ? Number(text) : text) as number

/** Conditions from JSON. @throws QUERY_INVALID */
export const whereOf = (text: string): Where => jsonOf('where', text, '\'{"column":"value"}\'') as Where

/** The JSON of an option, with all digits of its numbers. @throws QUERY_INVALID */
export function jsonOf(option: string, text: string, example: string): unknown {
  try {
    return parseExactly(text)
  } catch (cause) {
    throw new TrifoldError(
      'QUERY_INVALID',
      `query: --${option} is not JSON (${(cause as Error).message}); write it as ${example}`,
      { cause },
    )
  }
}
