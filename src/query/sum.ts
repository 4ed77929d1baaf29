import type { Column } from '../definition.ts'
import { trimmedDecimal } from '../encoding/decimal.ts'
import type { Value } from '../encoding.ts'
import { TrifoldError } from '../errors.ts'
import { kindOf } from './columns.ts'

/**
 * A sum in the form in which the requests return it: a decimal string for `numeric`, a number for the others.
 *
 * @throws VALUE_INVALID if a sum of whole numbers is beyond 2^53
 */
export function sumValue(column: Column, sum: string): Value {
  if (kindOf(column) === 'decimal') return column.encoding.scale === undefined ? trimmedDecimal(sum) : sum
  const number = Number(sum)
  if (isFloat(column) || Number.isSafeInteger(number)) return number
  throw new TrifoldError(
    'VALUE_INVALID',
    `query: the sum of ${column.name} is beyond 2^53, which JavaScript does not hold exactly; cast the column to numeric in the definition`,
    { details: { column: column.name, sum } },
  )
}

/** Floating-point columns, whose sums are approximations everywhere. */
export const isFloat = (column: Column): boolean => ['real', 'double precision'].includes(column.encoding.pgType)
