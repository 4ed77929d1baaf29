import type { ColumnEntry } from '@trifold/http'
import { columnNamed, facetColumns, isNumber, isTime, prefixColumns } from '../columns.ts'
import type { Filter } from '../view.ts'
import type { PageContext } from './page-context.ts'

/** What of the view has no control on the page, so that a change of something else does not lose it. */
export function HiddenTerms({ context, hasFacets }: { context: PageContext; hasFacets: boolean }) {
  const { view } = context
  const isPivot = view.mode === 'pivot'
  const terms: [string, string][] = [
    ...(isPivot ? [['view', 'pivot'] as [string, string]] : view.by.map((by): [string, string] => ['by', by])),
    ...(!isPivot && view.show !== undefined ? [['show', view.show] as [string, string]] : []),
    ...(isPivot ? view.columns.map((column): [string, string] => ['column', column]) : []),
    ...(isPivot && view.sort !== undefined ? [['sort', view.sort] as [string, string]] : []),
    ...view.open.map((column): [string, string] => ['open', column]),
    ...(hasFacets ? [] : [...view.within].map(([column, words]): [string, string] => [`within.${column}`, words])),
    ...[...view.filters].flatMap(([name, filter]) => leftTerms(context, name, filter, hasFacets)),
  ]
  return (
    <>
      {terms.map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
    </>
  )
}

function leftTerms(context: PageContext, name: string, filter: Filter, hasFacets: boolean): [string, string][] {
  const column = columnNamed(context.entry, name)
  const shown = column ? controlsOf(context, column, hasFacets) : []
  const parts = ['is', 'not', 'empty', 'min', 'max', 'begins'] as const
  return parts
    .filter((part) => !shown.includes(part) || (part === 'empty' && filter.empty === 'no'))
    .flatMap((part) => [filter[part] ?? []].flat().map((value): [string, string] => [`${part}.${name}`, value]))
}

const controlsOf = ({ entry }: PageContext, column: ColumnEntry, hasFacets: boolean): string[] => [
  ...(hasFacets && facetColumns(entry).includes(column) ? ['is', 'not', 'empty'] : []),
  ...(isTime(column) || isNumber(column) ? ['min', 'max'] : []),
  ...(prefixColumns(entry).includes(column) ? ['begins'] : []),
]
