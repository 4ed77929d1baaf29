import { Lines, spanText } from '@trifold/pages'
import type { SchedulePrice, Timing } from 'trifold'

const points = 40
const day = 86_400_000

interface Props {
  price: SchedulePrice
  timing: Timing
  /** Milliseconds since 1970. */
  now: number
}

/** How a refresh grows until it no longer fits; nothing if that day is not known. */
export function Growth({ price: { fits, milliseconds, costs }, timing, now }: Props) {
  const limit = timing.kind === 'lag' ? timing.ms / 2 : costs?.interval
  if (fits?.day === undefined || milliseconds === undefined || limit === undefined) return null
  const days = 1.1 * Math.max(1, (Date.parse(fits.day) - now) / day)
  const after = (passed: number) =>
    milliseconds * (fits.kind === 'linear' ? 1 + fits.growthPerDay * passed : (1 + fits.growthPerDay) ** passed)
  const places = Array.from({ length: points }, (_, place) => (days * place) / (points - 1))
  return (
    <Lines
      title={`A refresh reaches what fits on ${fits.day}`}
      lines={[
        { name: 'a refresh takes', values: places.map(after) },
        { name: timing.kind === 'lag' ? 'half of the target lag' : 'the interval', values: places.map(() => limit) },
      ]}
      ticks={[dateOf(now), dateOf(now + days * day)]}
      shown={spanText}
    />
  )
}

const dateOf = (at: number): string => new Date(at).toISOString().slice(0, 10)
