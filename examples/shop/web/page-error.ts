import { ShopError, type ShopErrorCode } from '../shop.ts'

/** A refusal that is shown as a page of its own. */
export class PageError extends Error {
  override readonly name = 'PageError'
  readonly status: number
  readonly title: string

  constructor(status: number, title: string, message: string) {
    super(message)
    this.status = status
    this.title = title
  }
}

const refusals: Record<ShopErrorCode, [status: number, title: string]> = {
  ADDRESS_MISSING: [409, 'There is no address to send it to'],
  AMOUNT_INVALID: [400, 'That amount cannot be'],
  FILE_NOT_FOUND: [404, 'There is no such file'],
  LINE_NOT_FOUND: [409, 'That line is gone'],
  NOT_FOUND: [404, 'There is no such thing here'],
  ORDER_CHANGED: [409, 'Somebody else was faster'],
  ORDER_EMPTY: [409, 'The cart is empty'],
  ORDER_NOT_OPEN: [409, 'The order is placed already'],
  OUT_OF_STOCK: [409, 'Not enough in stock'],
  STATUS_INVALID: [409, 'The order has moved on'],
}

/** What PostgreSQL, and the way to it, say while it is not there. */
const databaseGone = ['ECONNREFUSED', 'ECONNRESET', '57P01', '57P03', 'DATABASE_UNREACHABLE']

/** Any error as a page: what the shop refuses is told, what nobody foresaw is not. */
export function pageErrorOf(error: unknown): PageError {
  if (error instanceof PageError) return error
  if (error instanceof ShopError) return new PageError(...refusals[error.code], sentence(error.message))
  const { statusCode, code } = error as { statusCode?: number; code?: string }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new PageError(statusCode, 'That request cannot be answered', 'Go back and try it another way.')
  if (code === 'QUERY_INVALID')
    return new PageError(400, 'That request does not fit', sentence((error as Error).message.replace(/^query: /, '')))
  if (databaseGone.includes(code ?? '')) {
    const message = 'Every page needs it, whichever target answers. Start it again and reload this page.'
    return new PageError(503, 'PostgreSQL does not answer', message)
  }
  return new PageError(500, 'Something went wrong', 'The shop has printed the error where it was started.')
}

const sentence = (message: string): string => `${message.charAt(0).toUpperCase()}${message.slice(1)}.`
