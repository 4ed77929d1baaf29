import { InvalidArgumentError } from 'commander'

/** Reads `--limit`; the operation says which numbers it takes. */
export function readLimit(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new InvalidArgumentError('write a whole number.')
}
