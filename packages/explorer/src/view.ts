import type { TargetEntry } from '@trifold/http'

/** A target that a request can name. */
export type From = TargetEntry['name']

/** What is asked of one column. */
export interface Filter {
  /** One of these values; of an array, an element. */
  is: readonly string[]
  /** None of these. */
  not: readonly string[]
  /** Whether rows without a value are wanted too (`yes`), or none of them (`no`). */
  empty?: 'yes' | 'no'
  /** Bounds of numbers and days, both included. */
  min?: string
  max?: string
  /** How the text begins. */
  begins?: string
}

/** What somebody looks at. All of it is in the address, so an address is a saved view. */
export interface View {
  /** Words of full text. */
  words?: string
  /** The target that is to answer; undefined: the one that can. */
  from?: From
  /** Single rows, or groups of them. */
  mode: 'rows' | 'pivot'
  filters: ReadonlyMap<string, Filter>
  /** The columns of rows; none: the usual ones. */
  columns: readonly string[]
  /** A column, with a minus for the largest first. */
  sort?: string
  /** Where the page before ended, and the number of this one. */
  cursor?: string
  page?: string
  /** The key of the row whose details are shown. */
  row: readonly string[]
  /** What is grouped by: a column, or `column:month`. */
  by: readonly string[]
  /** What is computed of a group: `sum:total`; undefined: rows are counted. */
  show?: string
  /** The column of the days in the chart. */
  chart?: string
  /** Facets that are open beside the first ones. */
  open: readonly string[]
  /** What is looked for in the values of a facet. */
  within: ReadonlyMap<string, string>
}

/** An address that is no view. */
export class ViewError extends Error {}

/** A view of everything. */
export const wholeView: View = {
  mode: 'rows',
  filters: new Map(),
  columns: [],
  row: [],
  by: [],
  open: [],
  within: new Map(),
}

export const noFilter: Filter = { is: [], not: [] }

/** The view with another filter of one column, from its first page. */
export function withFilter(view: View, column: string, change: Partial<Filter> | undefined): View {
  const filters = new Map(view.filters)
  if (change === undefined) filters.delete(column)
  else filters.set(column, { ...(filters.get(column) ?? noFilter), ...change })
  return firstPage({ ...view, filters })
}

/** The same from its beginning, without details. */
export function firstPage({ cursor: _, page: __, ...view }: View): View {
  return { ...view, row: [] }
}
