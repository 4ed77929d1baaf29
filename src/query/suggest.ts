import type { Column } from '../definition.ts'
import type { Row } from '../encoding.ts'
import { chosenColumns } from './chosen.ts'
import { invalidQuery } from './invalid.ts'
import { shown, understood } from './parts.ts'
import { limitOf, type ReadPlan, readOf } from './plan.ts'
import type { Age, Read } from './request.ts'
import { termsOf } from './terms.ts'
import type { PlannedText } from './text.ts'
import type { Readable } from './where.ts'

/** What somebody has typed so far, to be completed from the rows. */
export interface Suggest<R = Row> extends Omit<Read<R>, 'text'> {
  /** The last word may be a part of one; the words in front of it have to be in the same row. As in `find`. */
  text: string
  /** Columns of full text that words are taken from; default all of them. */
  columns?: readonly (keyof R & string)[]
  /** Most suggestions, 1 to 50; default 10. */
  limit?: number
}

/** Texts that somebody may have wanted to type. */
export interface Suggestions extends Age {
  /**
   * What was typed, with its last word as a row has it: words that go on first, those with the most rows in front, then words that
   * differ by a typo. They are taken from the 100 rows that fit best.
   */
  suggestions: Suggestion[]
  /** The target that answered. */
  target: string
  /** Milliseconds that the request waited for `after`, if it was given. */
  waited?: number
}

/** One of them. */
export interface Suggestion {
  text: string
  /** Rows that hold all of its words, exactly counted: those that `find` gives for it without typos and without `prefix`. */
  count: number
}

/** Most suggestions. */
export const mostSuggestions = 50
const defaultSuggestions = 10

/** A request for suggestions, checked against the definition. */
export interface SuggestPlan extends ReadPlan {
  text: PlannedText
  columns: Column[]
}

/** @throws QUERY_INVALID, TOKEN_INVALID */
export function planSuggest(source: Readable, request: unknown = {}): SuggestPlan {
  return understood(() => {
    const asked = termsOf('suggest', request)
    if (typeof asked.text !== 'string')
      throw invalidQuery(`suggest takes \`text\`, what somebody has typed, not ${shown(asked.text)}`)
    const read = readOf(source, { ...asked, limit: undefined })
    return {
      ...read,
      text: read.text as PlannedText,
      columns: chosenColumns(source.definition, asked.columns),
      limit: limitOf(asked.limit, defaultSuggestions, mostSuggestions),
    }
  })
}
