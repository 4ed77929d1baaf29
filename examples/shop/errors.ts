/** What the shop refuses, by code: programs branch on the code, people read the message. */
export type ShopErrorCode =
  | 'ADDRESS_MISSING'
  | 'AMOUNT_INVALID'
  | 'FILE_NOT_FOUND'
  | 'LINE_NOT_FOUND'
  | 'NOT_FOUND'
  | 'ORDER_CHANGED'
  | 'ORDER_EMPTY'
  | 'ORDER_NOT_OPEN'
  | 'OUT_OF_STOCK'
  | 'STATUS_INVALID'

/** A rule of the shop was broken, or somebody else was faster (`ORDER_CHANGED`: load it again and repeat). */
export class ShopError extends Error {
  override readonly name = 'ShopError'
  readonly code: ShopErrorCode

  constructor(code: ShopErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}

/** @throws ShopError AMOUNT_INVALID unless `value` is a whole number from `least` to what PostgreSQL's integer holds. */
export function wholeAmount(what: string, value: number, least: number): number {
  if (Number.isInteger(value) && value >= least && value <= 2147483647) return value
  throw new ShopError('AMOUNT_INVALID', `${what} must be a whole number of at least ${least}, not ${value}`)
}
