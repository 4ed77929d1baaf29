import type { ColumnEntry, ReadModelEntry } from '@trifold/http'
import type { Asked } from '../api.ts'
import { columnNamed, isArray, isInstant } from '../columns.ts'
import type { Filter, From, View } from '../view.ts'

/** A condition as requests have it. */
export type Condition = Readonly<Record<string, unknown>>

/** The target that answers a view: full text is for the one that has it. */
export const targetOf = ({ from, words }: View, { targets }: ReadModelEntry): From | undefined =>
  from ?? (words === undefined ? undefined : targets.find(({ text }) => text.length > 0)?.name)

/**
 * What all requests of a view have in common.
 *
 * @param apart a column whose filter is left out, as a facet counts its own values
 */
export function commonTerms(view: View, entry: ReadModelEntry, apart?: string): Asked {
  const from = targetOf(view, entry)
  return {
    ...whereTerm(conditionsOf(view, entry, apart)),
    ...(view.words !== undefined && { text: view.words }),
    ...(from && { from }),
  }
}

export const whereTerm = (conditions: readonly Condition[]): { where?: Condition } =>
  conditions.length > 0 ? { where: { and: conditions } } : {}

/** What the filters of a view mean. */
export const conditionsOf = ({ filters }: View, entry: ReadModelEntry, apart?: string): Condition[] =>
  [...filters].flatMap(([name, filter]) => {
    const column = name === apart ? undefined : columnNamed(entry, name)
    return column ? columnConditions(column, filter) : []
  })

export function columnConditions(column: ColumnEntry, { is, not, empty, min, max, begins }: Filter): Condition[] {
  const on = (bounds: unknown): Condition => ({ [column.name]: bounds })
  const any = [...oneOf(column, is), ...(empty === 'yes' ? [on({ exists: false })] : [])]
  return [
    ...(any.length > 1 ? [{ or: any }] : any),
    ...oneOf(column, not).map((condition) => ({ not: condition })),
    ...(empty === 'no' ? [on({ exists: true })] : []),
    ...(min === undefined ? [] : [on({ gte: min })]),
    ...(max === undefined ? [] : [on(upTo(column, max))]),
    ...(begins === undefined ? [] : [on({ prefix: begins })]),
  ]
}

function oneOf(column: ColumnEntry, values: readonly string[]): Condition[] {
  if (values.length === 0) return []
  if (isArray(column)) return values.map((value) => ({ [column.name]: { has: givenValue(column, value) } }))
  return [{ [column.name]: { in: values.map((value) => givenValue(column, value)) } }]
}

/** A last day is included as a whole. */
function upTo(column: ColumnEntry, max: string): Condition {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(max) && !Number.isNaN(Date.parse(max))
  return isInstant(column) && isDay ? { lt: dayAfter(max) } : { lte: max }
}

const dayAfter = (day: string): string => new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10)

/** Numbers may be given as text, booleans not. */
export const givenValue = ({ type }: ColumnEntry, text: string): unknown =>
  /^boolean/.test(type) && (text === 'true' || text === 'false') ? text === 'true' : text
