import type { ReadModelEntry } from '@trifold/http'
import type { Found } from 'trifold'
import type { Api, Asked } from '../api.ts'
import { columnNamed, shownColumns } from '../columns.ts'
import type { View } from '../view.ts'
import { commonTerms, givenValue, targetOf, whereTerm } from './request.ts'

const rowsOfAPage = 50

/** The page of rows that a view shows. @throws Refusal */
export function findRows(api: Api, entry: ReadModelEntry, view: View): Promise<Found> {
  return api.find(entry.name, {
    ...commonTerms(view, entry),
    columns: [...new Set([...entry.key, ...columnsOf(entry, view)])],
    limit: rowsOf(entry),
    total: true,
    ...(view.words !== undefined && { highlight: true }),
    ...(view.sort !== undefined && { sort: view.sort }),
    ...(view.cursor !== undefined && { cursor: view.cursor }),
  })
}

/** How many rows a page has. */
export const rowsOf = ({ limits }: ReadModelEntry): number => Math.min(rowsOfAPage, limits.rows)

const columnsOf = (entry: ReadModelEntry, { columns }: View): string[] =>
  shownColumns(entry, columns).map(({ name }) => name)

/** All columns of the row whose key the view names; undefined if there is none. @throws Refusal */
export async function findRow(api: Api, entry: ReadModelEntry, view: View): Promise<Found['rows'][number] | undefined> {
  const key = entry.key.flatMap((name, place) => {
    const column = columnNamed(entry, name)
    return column ? [{ [name]: givenValue(column, view.row[place] as string) }] : []
  })
  const from = targetOf(view, entry)
  const { rows } = await api.find(entry.name, { ...whereTerm(key), limit: 1, ...(from && { from }) })
  return rows[0]
}

/** What an export of all rows of a view asks for; undefined if the API exports no such rows. */
export function exportRequest(entry: ReadModelEntry, view: View): Asked | undefined {
  if (view.words !== undefined) return undefined
  const { where, from } = commonTerms(view, entry)
  // An index gives rows in no order; every other target has the same ones.
  const store =
    view.sort !== undefined && from === 'search' ? entry.targets.find(({ name }) => name !== from)?.name : from
  return {
    ...(where !== undefined && { where }),
    columns: columnsOf(entry, view),
    ...(view.sort !== undefined && store !== 'search' && { sort: view.sort }),
    ...(store !== undefined && { from: store }),
  }
}
