import type { ReadModelEntry } from '@trifold/http'
import { columnNamed, facetColumns } from '../columns.ts'
import { type View, ViewError } from '../view.ts'
import { dimensionOf, measureOf } from './measure.ts'

/** Refuses a view of columns that there are not, or that cannot be used so. @throws ViewError */
export function checkView(view: View, entry: ReadModelEntry): void {
  for (const by of view.by) dimensionOf(entry, by)
  measureOf(entry, view.show)
  for (const name of view.columns) known('column', name, entry)
  if (view.sort !== undefined && !columnNamed(entry, view.sort)) known('sort', view.sort.replace(/^-/, ''), entry)
  if (view.chart !== undefined && !columnNamed(entry, view.chart)?.uses.includes('interval'))
    throw new ViewError(`\`chart\` of the address is \`${view.chart.slice(0, 60)}\`; it takes a column of days.`)
  const facets = facetColumns(entry).map(({ name }) => name)
  const facet = [...view.open, ...view.within.keys()].find((name) => !facets.includes(name))
  if (facet !== undefined)
    throw new ViewError(`The address opens \`${facet.slice(0, 60)}\`, and there is no such facet.`)
  if (view.row.length > 0 && view.row.length !== entry.key.length)
    throw new ViewError(`\`row\` of the address is no key; it takes ${entry.key.join(', ')}, in this order.`)
}

function known(term: string, name: string, entry: ReadModelEntry): void {
  if (columnNamed(entry, name)) return
  throw new ViewError(`\`${term}\` of the address names \`${name.slice(0, 60)}\`, and there is no such column.`)
}
