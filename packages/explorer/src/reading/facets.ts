import type { ColumnEntry, ReadModelEntry } from '@trifold/http'
import type { Api } from '../api.ts'
import { facetColumns } from '../columns.ts'
import type { View } from '../view.ts'
import { columnConditions, commonTerms, conditionsOf, whereTerm } from './request.ts'

/** The facets of a page, in the order of the columns. Only those that are open are counted. */
export interface Facet {
  column: ColumnEntry
  /** Undefined if it is closed. */
  values?: FacetValue[]
  /** Whether there are more values than these. */
  more?: boolean
  approximate?: boolean
}

export interface FacetValue {
  /** Null: the rows without a value. */
  value: string | number | boolean | null
  count: number
}

/** Facets that are open without being asked. */
const openFacets = 5
const usualValues = 8

/** Each is counted without its own filter. @throws Refusal */
export function readFacets(api: Api, entry: ReadModelEntry, view: View): Promise<Facet[]> {
  return Promise.all(
    facetColumns(entry).map(async (column, place): Promise<Facet> => {
      const { name } = column
      const isOpen = place < openFacets || view.open.includes(name) || view.filters.has(name) || view.within.has(name)
      return isOpen ? readFacet(api, entry, view, column) : { column }
    }),
  )
}

async function readFacet(api: Api, entry: ReadModelEntry, view: View, column: ColumnEntry): Promise<Facet> {
  const words = view.within.get(column.name)
  const limit = words === undefined ? Math.min(usualValues, entry.limits.groups) : entry.limits.groups
  const { groups, more, approximate } = await api.summarize(entry.name, {
    ...commonTerms(view, entry, column.name),
    group: column.name,
    limit,
  })
  const values = groups.map(({ group, count }) => ({ value: group, count }) as FacetValue)
  const found = words === undefined ? values : values.filter(({ value }) => contains(String(value), words))
  const missing = await readMissing(api, entry, view, column, found)
  return { column, values: [...missing, ...found], more, approximate }
}

/** The values that are ticked stay in sight, however few rows they have. */
async function readMissing(
  api: Api,
  entry: ReadModelEntry,
  view: View,
  column: ColumnEntry,
  found: readonly FacetValue[],
): Promise<FacetValue[]> {
  const seen = new Set(found.map(({ value }) => (value === null ? undefined : String(value))))
  const filter = view.filters.get(column.name)
  const missing = [...(filter?.is ?? []), ...(filter?.not ?? [])].filter((value) => !seen.has(value))
  if (missing.length === 0) return []
  const others = conditionsOf(view, entry, column.name)
  const own = columnConditions(column, { is: missing, not: [] })
  const { groups } = await api.summarize(entry.name, {
    ...commonTerms(view, entry, column.name),
    ...whereTerm([...others, ...(own.length > 1 ? [{ or: own }] : own)]),
    group: column.name,
    limit: entry.limits.groups,
  })
  const counts = new Map(groups.map(({ group, count }) => [String(group), count]))
  return missing.map((value) => ({ value, count: counts.get(value) ?? 0 }))
}

const contains = (text: string, words: string): boolean => folded(text).includes(folded(words))

const folded = (text: string): string => text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()
