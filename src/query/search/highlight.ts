import { randomBytes } from 'node:crypto'
import type { Fragment, Highlights } from '../request.ts'
import { joinedFields, textFields } from './fields.ts'

/** The engine's `highlight` of one hit: pieces by field. */
export type EngineHighlight = Record<string, string[]>

/** The engine reads no further than this for highlights, in characters; by default it refuses the search beyond it (from 2.2 on). */
const longestRead = 1_000_000

/** In the order in which they are shown: the whole of a long text first, words that were found joined last. */
const fieldsOf = (column: string): string[] => {
  const [field, whole] = textFields(column)
  const [joined, joinedWhole] = joinedFields(column)
  return [whole, field, joinedWhole, joined]
}

/**
 * Asks the engine for highlights and takes its marks apart. The marks are random for each request, so that no text of a
 * row can be taken for one.
 */
export class Highlighter {
  private readonly columns: readonly string[]
  private readonly begin: string
  private readonly end: string

  /** @param columns those that have full text */
  constructor(columns: readonly string[]) {
    const nonce = randomBytes(12).toString('hex')
    this.columns = columns
    this.begin = `<${nonce}>`
    this.end = `</${nonce}>`
  }

  /** The engine's `highlight`. */
  clause(): object {
    return {
      pre_tags: [this.begin],
      post_tags: [this.end],
      number_of_fragments: 3,
      fragment_size: 150,
      max_analyzer_offset: longestRead,
      fields: Object.fromEntries(this.columns.flatMap(fieldsOf).map((field) => [field, {}])),
    }
  }

  /** The pieces of one hit by column. */
  read(highlight: EngineHighlight = {}): Highlights {
    const found = this.columns.flatMap((column): [string, Fragment[]][] => {
      const pieces = fieldsOf(column)
        .map((field) => highlight[field])
        .find((found) => found !== undefined)
      return pieces ? [[column, pieces.map((piece) => this.fragment(piece))]] : []
    })
    return Object.fromEntries(found)
  }

  private fragment(piece: string): Fragment {
    const [before = '', ...rest] = piece.split(this.begin)
    const parts = rest.flatMap((part) => {
      const [match = '', after = ''] = part.split(this.end)
      return [
        { text: match, match: true },
        { text: after, match: false },
      ]
    })
    return [{ text: before, match: false }, ...parts].filter(({ text }) => text !== '')
  }
}
