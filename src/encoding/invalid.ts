import { TrifoldError } from '../errors.ts'

/** A value that a type cannot hold exactly; who knows the column and the key adds them. @param what what is wanted */
export const invalid = (what: string, value: unknown): TrifoldError =>
  new TrifoldError('VALUE_INVALID', `${shown(value)} is not ${what}`, { details: { value } })

function shown(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  return (jsonOf(value) ?? String(value)).slice(0, 80)
}

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined // it refers to itself, or holds what JSON has no form for
  }
}
