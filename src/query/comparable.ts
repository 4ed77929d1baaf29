import type { Column } from '../definition.ts'
import type { Value } from '../encoding.ts'
import { TrifoldError } from '../errors.ts'

/**
 * The canonical value of what a request gives for a column, if the engines can compare with it.
 *
 * @throws VALUE_INVALID; anything, if the value runs its own code
 */
export function comparable(column: Column, given: unknown): Value {
  const value = column.encoding.canonical(given)
  const fault = faults[column.encoding.pgType]?.(value) ?? faultOfText(value)
  if (fault === undefined) return value
  const shown = String(JSON.stringify(value)).slice(0, 80)
  throw new TrifoldError('VALUE_INVALID', `${shown} ${fault}`, { details: { value } })
}

const faults: Partial<Record<string, (value: Value) => string | undefined>> = {
  date: faultOfTime,
  timestamp: faultOfTime,
  timestamptz: faultOfTime,
  real: faultOfSingle,
  numeric: faultOfDecimal,
}

const mostDigits = 1_000

function faultOfDecimal(value: Value): string | undefined {
  return String(value).length > mostDigits ? `has more than ${mostDigits} digits` : undefined
}

const timeForm = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d))?/

/** What has the form of a time may be none, such as the 31st of February. */
function faultOfTime(value: Value): string | undefined {
  const parts = timeForm.exec(String(value))?.slice(1) ?? []
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map((part) => Number(part ?? 0))
  const isTime = hour < 24 && minute < 60 && second < 60
  return isTime && year >= 1 && day >= 1 && month >= 1 && day <= daysOf(year, month) ? undefined : 'does not exist'
}

/** The calendar repeats after 400 years. */
const daysOf = (year: number, month: number): number =>
  month > 12 ? 0 : new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()

/** PostgreSQL refuses what single precision cannot hold. */
function faultOfSingle(value: Value): string | undefined {
  const single = Math.fround(value as number)
  return Number.isFinite(single) && (single !== 0 || value === 0) ? undefined : 'is out of the range of real'
}

/** On its way to an engine half a character would become another one. */
const faultOfText = (value: Value): string | undefined =>
  typeof value === 'string' && /\p{Surrogate}/u.test(value) ? 'holds half of a surrogate pair' : undefined
