import { TrifoldError } from '../../errors.ts'
import type { Where } from '../../query.ts'

/** The names of `a, b`. */
export const listOf = (text: string): string[] => text.split(',').map((name) => name.trim())

/** Conditions from JSON. @throws QUERY_INVALID */
export function whereOf(text: string): Where {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new TrifoldError(
      'QUERY_INVALID',
      `query: --where is not JSON (${(cause as Error).message}); write it as '{"column":"value"}'`,
      { cause },
    )
  }
}
