import type { Filter, View } from '../view.ts'

/** The part of an address that holds a view; the empty text for a view of everything. */
export function addressOf(view: View): string {
  const parameters = new URLSearchParams()
  const add = (name: string, values: string | readonly string[] | undefined) => {
    for (const value of [values ?? []].flat()) parameters.append(name, value)
  }
  add('q', view.words)
  add('from', view.from)
  if (view.mode === 'pivot') add('view', 'pivot')
  add('by', view.by)
  add('show', view.show)
  for (const [column, filter] of view.filters) for (const name of parts) add(`${name}.${column}`, filter[name])
  add('column', view.columns)
  add('sort', view.sort)
  add('chart', view.chart)
  add('open', view.open)
  for (const [column, words] of view.within) add(`within.${column}`, words)
  add('cursor', view.cursor)
  add('page', view.page)
  add('row', view.row)
  const text = parameters.toString()
  return text && `?${text}`
}

const parts = ['is', 'not', 'empty', 'min', 'max', 'begins'] as const satisfies (keyof Filter)[]
