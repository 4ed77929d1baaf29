import type { VerifiedFacts } from '../../schema/verifications.ts'
import { inSeconds, inThousands } from '../figures.ts'

/** `equal to its definition at 09:10 UTC, 100 % in 6 h`: what the comparisons since the last whole one say. */
export function verifiedText({ at, share, milliseconds, differing, repaired }: VerifiedFacts, now: string): string {
  const time = at.slice(0, 10) === now.slice(0, 10) ? at.slice(11, 16) : at.slice(0, 16).replace('T', ' ')
  const covered = `${Number((share * 100).toPrecision(3))} % in ${inSeconds(milliseconds)}`
  const mended = repaired > 0 ? `, ${inThousands(repaired)} rows repaired` : ''
  const outcome =
    differing > 0 ? `${inThousands(differing)} rows differ from its definition` : 'equal to its definition'
  return `${outcome} at ${time} UTC, ${covered}${mended}`
}
