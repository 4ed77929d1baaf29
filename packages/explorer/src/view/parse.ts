import type { ReadModelEntry } from '@trifold/http'
import { columnNamed, shownColumns } from '../columns.ts'
import { type Filter, type From, noFilter, type View, ViewError, wholeView } from '../view.ts'

type Draft = { -readonly [Name in keyof View]: View[Name] }
type Read = (draft: Draft, value: string) => void

/** What an address can say, apart from columns. */
const terms: Readonly<Record<string, Read>> = {
  q: (draft, value) => once(draft, 'words', value),
  from: (draft, value) => once(draft, 'from', oneOf('from', value, ['table', 'view', 'search']) as From),
  view: (draft, value) => {
    draft.mode = oneOf('view', value, ['rows', 'pivot']) as View['mode']
  },
  by: (draft, value) => {
    draft.by = [...draft.by, value]
    if (draft.by.length > 2) throw new ViewError('The address has more than two `by`; group by one or two columns.')
  },
  show: (draft, value) => once(draft, 'show', value),
  column: (draft, value) => {
    draft.columns = [...draft.columns, value]
  },
  sort: (draft, value) => once(draft, 'sort', value),
  chart: (draft, value) => once(draft, 'chart', value),
  open: (draft, value) => {
    draft.open = [...draft.open, value]
  },
  cursor: (draft, value) => once(draft, 'cursor', value),
  page: (draft, value) => {
    if (!/^[1-9]\d{0,6}$/.test(value)) throw new ViewError('`page` of the address is no number of a page.')
    once(draft, 'page', value)
  },
  row: (draft, value) => {
    draft.row = [...draft.row, value]
  },
}

type ReadFilter = (filter: Filter, value: string) => Partial<Filter>

/** What an address can say of a column. */
const filterTerms: Readonly<Record<string, ReadFilter>> = {
  is: ({ is }, value) => ({ is: [...is, value] }),
  not: ({ not }, value) => ({ not: [...not, value] }),
  empty: (_, value) => ({ empty: oneOf('empty', value, ['yes', 'no']) as 'yes' | 'no' }),
  min: (_, min) => ({ min }),
  max: (_, max) => ({ max }),
  begins: (_, begins) => ({ begins }),
}

/** Those in which nothing is a value; a form sends the others empty when they say nothing. */
const mayBeEmpty = ['is', 'not', 'row']

/**
 * Reads the view of an address. What a form leaves empty counts as not said.
 *
 * @throws ViewError naming the first thing that is not known
 */
export function parseView(parameters: URLSearchParams, entry: ReadModelEntry): View {
  const draft: Draft = { ...wholeView }
  for (const [name, value] of parameters) {
    const [term = '', column] = divided(name)
    if (value === '' && !mayBeEmpty.includes(term)) continue
    if (column === undefined) readTerm(draft, name, value)
    else if (columnNamed(entry, column)) readFilter(draft, term, column, value)
    else throw new ViewError(`The address filters ${shown(column)}, and there is no such column.`)
  }
  return { ...draft, columns: chosenColumns(draft.columns, entry) }
}

/** A form names the usual columns too, which is no choice. */
function chosenColumns(columns: readonly string[], entry: ReadModelEntry): readonly string[] {
  const usual = shownColumns(entry, []).map(({ name }) => name)
  return columns.join() === usual.join() ? [] : columns
}

/** Names of columns may have dots. */
function divided(name: string): [string, string?] {
  const dot = name.indexOf('.')
  return dot < 0 ? [name] : [name.slice(0, dot), name.slice(dot + 1)]
}

function readTerm(draft: Draft, name: string, value: string): void {
  if (!Object.hasOwn(terms, name)) throw unknown(name)
  terms[name]?.(draft, value)
}

function readFilter(draft: Draft, term: string, column: string, value: string): void {
  if (term === 'within') draft.within = new Map([...draft.within, [column, value]])
  else if (Object.hasOwn(filterTerms, term)) {
    const filter = draft.filters.get(column) ?? noFilter
    const changed = { ...filter, ...(filterTerms[term] as ReadFilter)(filter, value) }
    draft.filters = new Map([...draft.filters, [column, changed]])
  } else throw unknown(`${term}.${column}`)
}

function once<Name extends keyof View>(draft: Draft, name: Name, value: View[Name]): void {
  if (draft[name] !== undefined) throw new ViewError(`The address says ${shown(String(name))} twice; keep one of them.`)
  draft[name] = value
}

function oneOf(name: string, value: string, known: readonly string[]): string {
  if (known.includes(value)) return value
  throw new ViewError(`\`${name}\` of the address is ${shown(value)}; it takes ${known.join(', ')}.`)
}

const unknown = (name: string): ViewError => {
  const columns = [...Object.keys(filterTerms), 'within'].map((term) => `${term}.<column>`)
  return new ViewError(
    `The address has an unknown ${shown(name)}; it takes ${[...Object.keys(terms), ...columns].join(', ')}.`,
  )
}

const shown = (text: string): string => `\`${text.slice(0, 60)}\``
