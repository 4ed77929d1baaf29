import { TrifoldError } from '../errors.ts'

/** The engine has not answered in time; it may be frozen, or have too much to do. */
export const readTimeout = (target: string, deadline: number, cause?: unknown): TrifoldError =>
  new TrifoldError(
    'READ_TIMEOUT',
    `query: ${target} did not answer within ${deadline} ms; narrow the request, give it a longer \`deadline\`, or look at its engine`,
    { cause, details: { target, deadline } },
  )
