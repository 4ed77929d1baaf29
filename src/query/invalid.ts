import { TrifoldError } from '../errors.ts'

/** A request that does not fit the read model. */
export const invalidQuery = (message: string, details: Record<string, unknown> = {}, cause?: unknown): TrifoldError =>
  new TrifoldError('QUERY_INVALID', `query: ${message}`, { details, cause })
