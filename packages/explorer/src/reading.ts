import type { ReadModelEntry } from '@trifold/http'
import type { Found } from 'trifold'
import { type Api, Refusal } from './api.ts'
import { type Facet, readFacets } from './reading/facets.ts'
import { chartColumn, type Histogram, readHistogram } from './reading/histogram.ts'
import { type Pivot, readPivot } from './reading/pivot.ts'
import { findRow, findRows } from './reading/rows.ts'
import { readTotals, type Totals } from './reading/totals.ts'
import type { View } from './view.ts'

/** A part of a page, or why the target does not give it. */
export type Part<Content> = Content | Refusal

/** What a page shows of a view. */
export interface Seen {
  /** Single rows, or groups of them. */
  answer: { found: Found } | { pivot: Pivot }
  facets: Part<Facet[]>
  totals: Part<Totals>
  histogram: Part<Histogram | undefined>
  /** The row whose details are shown, if there still is one with its key. */
  row: Found['rows'][number] | undefined
}

/** Asks for all parts of a page at once; the chart waits for the days that it has to show. @throws Refusal of the main part */
export async function readPage(api: Api, entry: ReadModelEntry, view: View): Promise<Seen> {
  const chart = chartColumn(entry, view)
  const totalling = part(readTotals(api, entry, view, chart))
  const charting = totalling.then((totals) =>
    chart === undefined || totals instanceof Refusal ? undefined : part(readHistogram(api, entry, view, chart, totals)),
  )
  const [answer, facets, totals, histogram, row] = await Promise.all([
    view.mode === 'pivot'
      ? readPivot(api, entry, view).then((pivot) => ({ pivot }))
      : findRows(api, entry, view).then((found) => ({ found })),
    part(readFacets(api, entry, view)),
    totalling,
    charting,
    view.row.length > 0 ? findRow(api, entry, view) : undefined,
  ])
  return { answer, facets, totals, histogram, row }
}

/** What a target cannot give of a smaller part is said in its place. */
const part = <Content>(reading: Promise<Content>): Promise<Part<Content>> =>
  reading.catch((error) => {
    if (error instanceof Refusal) return error
    throw error
  })
