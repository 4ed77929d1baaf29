import type { ColumnEntry } from '@trifold/http'
import { instantText, numberText } from '@trifold/pages'
import { isNumber } from './columns.ts'

/** How values are written. */
export interface Manner {
  /** The time zone of instants. */
  timeZone: string
  /** Columns whose numbers are names. */
  key: readonly string[]
}

/** A value as text; undefined if there is none. */
export function textOf(value: unknown, column: ColumnEntry, manner: Manner): string | undefined {
  if (value === null || value === undefined) return undefined
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (column.type === 'timestamptz' && typeof value === 'string') return instantText(value, manner.timeZone)
  if (column.type === 'timestamp' && typeof value === 'string') return withoutZeros(value.replace('T', ' '))
  if (isNumber(column)) return manner.key.includes(column.name) ? String(value) : numberText(value as string | number)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const withoutZeros = (text: string): string => text.replace(/\.0+$/, '')

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A part of the calendar by its first day. */
export function partText(day: string, interval: 'day' | 'week' | 'month' | 'quarter' | 'year'): string {
  const [year = '', month = ''] = day.split('-')
  if (interval === 'year') return year
  if (interval === 'quarter') return `Q${Math.ceil(Number(month) / 3)} ${year}`
  if (interval === 'month') return `${months[Number(month) - 1] ?? month} ${year}`
  return interval === 'week' ? `week of ${day}` : day
}
