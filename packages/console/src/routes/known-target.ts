import { TrifoldError } from 'trifold/internal/errors'
import type { Routes } from './context.ts'

/** The name of a target that an address has. @throws TARGET_UNKNOWN */
export function knownTarget({ trifold: { targets } }: Routes, name: string): string {
  if (targets.includes(name)) return name
  throw new TrifoldError(
    'TARGET_UNKNOWN',
    `console: there is no target ${JSON.stringify(name.slice(0, 80))} (configured: ${targets.join(', ')})`,
  )
}
