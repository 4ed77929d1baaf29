import { columnNamed, labelOf } from '../columns.ts'
import { type Filter, firstPage, type View, wholeView, withFilter } from '../view.ts'
import { linkTo, type PageContext } from './page-context.ts'

interface Chip {
  text: string
  without: View
}

/** What narrows the view, each with the way to leave it out. */
export function Chips({ context }: { context: PageContext }) {
  const chips = chipsOf(context)
  if (chips.length === 0) return null
  return (
    <ul class="chips" aria-label="Conditions">
      {chips.map(({ text, without }) => (
        <li>
          <a href={linkTo(context, without)} aria-label={`Leave out: ${text}`}>
            {text} <span aria-hidden="true">×</span>
          </a>
        </li>
      ))}
      {chips.length > 1 && (
        <li>
          <a class="all" href={linkTo(context, cleared(context.view))}>
            Leave out all
          </a>
        </li>
      )}
    </ul>
  )
}

const cleared = ({ mode, by, show, columns, sort, from, chart }: View): View => ({
  ...wholeView,
  mode,
  by,
  columns,
  ...(show !== undefined && { show }),
  ...(sort !== undefined && { sort }),
  ...(from !== undefined && { from }),
  ...(chart !== undefined && { chart }),
})

function chipsOf({ view, entry }: PageContext): Chip[] {
  const { words, ...unworded } = view
  const about = words === undefined ? [] : [{ text: `“${words}”`, without: firstPage(unworded) }]
  return [
    ...about,
    ...[...view.filters].flatMap(([name, filter]) =>
      columnNamed(entry, name)
        ? textsOf(filter).map(([text, change]) => ({
            text: `${labelOf(name)} ${text}`,
            without: withFilter(view, name, change(filter)),
          }))
        : [],
    ),
  ]
}

type Change = (filter: Filter) => Partial<Filter>

/** Each thing that a filter says, and the change that takes it back. */
function textsOf({ is, not, empty, min, max, begins }: Filter): [string, Change][] {
  const texts: [string | undefined, Change][] = [
    ...is.map((value): [string, Change] => [
      `is ${quoted(value)}`,
      (filter) => ({ is: filter.is.filter((one) => one !== value) }),
    ]),
    ...not.map((value): [string, Change] => [
      `is not ${quoted(value)}`,
      (filter) => ({ not: filter.not.filter((one) => one !== value) }),
    ]),
    [empty && (empty === 'yes' ? 'has no value' : 'has a value'), () => ({ empty: undefined })],
    [rangeText(min, max), () => ({ min: undefined, max: undefined })],
    [begins && `begins with ${quoted(begins)}`, () => ({ begins: undefined })],
  ]
  return texts.filter((one): one is [string, Change] => one[0] !== undefined)
}

function rangeText(min: string | undefined, max: string | undefined): string | undefined {
  if (min !== undefined && max !== undefined) return min === max ? `is ${min}` : `from ${min} to ${max}`
  if (min !== undefined) return `from ${min}`
  return max === undefined ? undefined : `up to ${max}`
}

const quoted = (value: string): string => (value === '' ? 'empty' : value)
