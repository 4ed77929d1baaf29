import type { ColumnEntry } from '@trifold/http'
import type { Fragment } from 'trifold'
import { isNumber } from '../columns.ts'
import { type Manner, textOf } from '../format.ts'

/** A value, with the words that were found in it. */
export function Value({ value, column, manner, found }: Props) {
  if (found) return <Marked pieces={found} />
  if (Array.isArray(value))
    return (
      <span class="elements">
        {value.map((one) => (
          <span>{one === null ? '–' : String(one)}</span>
        ))}
      </span>
    )
  const text = textOf(value, column, manner)
  if (text === undefined)
    return (
      <span class="none" role="img" aria-label="no value">
        –
      </span>
    )
  return <>{text}</>
}

interface Props {
  value: unknown
  column: ColumnEntry
  manner: Manner
  found?: readonly Fragment[] | undefined
}

/** The pieces of a text in which words were found. */
const Marked = ({ pieces }: { pieces: readonly Fragment[] }) => (
  <>
    {pieces.map((piece, place) => (
      <>
        {place > 0 && ' … '}
        {piece.map(({ text, match }) => (match ? <mark>{text}</mark> : text))}
      </>
    ))}
  </>
)

export const alignmentOf = (column: ColumnEntry): string | undefined => (isNumber(column) ? 'number' : undefined)
