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

/** What an export of all rows of a view asks for: the same rows in the same order. */
export const exportRequest = (entry: ReadModelEntry, view: View): Asked => ({
  ...commonTerms(view, entry),
  columns: columnsOf(entry, view),
  ...(view.sort !== undefined && { sort: view.sort }),
})
