import { TrifoldError } from 'trifold/internal/errors'

/** A comparison that cannot go on. */
export const failed = (reason: string, cause?: unknown): TrifoldError =>
  new TrifoldError('COMPARE_FAILED', `compare: ${reason}`, { cause })

export const notReady = (target: string, reason: string): TrifoldError =>
  failed(`${target} must be rebuilt first (${reason}); run \`trifold rebuild ${target}\``)

export const tooLittle = (reason: string): TrifoldError => new TrifoldError('COMPARE_TOO_LITTLE', `compare: ${reason}`)
