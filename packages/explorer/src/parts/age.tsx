import type { TargetEntry } from '@trifold/http'
import { momentText, spanText } from '@trifold/pages'
import type { PageContext } from './page-context.ts'

/** What an answer says of itself. */
export interface Aged {
  asOf?: string
  lag?: number
  degraded?: true
  target: string
}

/** How old the answer is, and whether its target was found to be equal to its definition. */
export function AgePart({ context: { entry }, answer }: { context: PageContext; answer: Aged }) {
  const { asOf, lag = 0, degraded, target } = answer
  const { timeZone } = entry
  const verified = entry.targets.find(({ name }) => target === `${entry.name}@${name}`)?.verified
  return (
    <footer class="age" id="age">
      <span class={`light ${degraded ? 'bad' : lag > 60_000 ? 'late' : 'good'}`} aria-hidden="true" />
      <span>
        {asOf === undefined ? (
          'Of no known age'
        ) : (
          <>
            As of <time dateTime={asOf}>{momentText(asOf, timeZone)}</time>
          </>
        )}
        {lag > 0 ? `, ${spanText(lag)} behind` : ', nothing behind'}
      </span>
      <span>{target}</span>
      {verified && <span>{verifiedText(verified, timeZone)}</span>}
      {degraded && <b class="bad">Rows may lack an event that was parked.</b>}
      <span class="zone">times in {timeZone}</span>
    </footer>
  )
}

function verifiedText({ at, share, differing }: NonNullable<TargetEntry['verified']>, timeZone: string): string {
  const when = `at ${momentText(at, timeZone)}`
  if (differing > 0) return `${differing} rows differed from the definition ${when}`
  if (share >= 1) return `equal to its definition ${when}`
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} % of it equal to its definition ${when}`
}
