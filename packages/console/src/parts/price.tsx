import { numberText, spanText } from '@trifold/pages'
import type { SchedulePrice } from 'trifold'
import { inBytes, inThousands } from 'trifold/internal/operator/figures'
import { percentText } from './timing.ts'

/** What a schedule costs, and for how long it holds: the same names in the same order for each. */
export function priceFacts({ costs, fits }: SchedulePrice): [name: string, value: string][] {
  const unknown = 'not known yet'
  return [
    ['Refreshes an hour', costs ? numberText(Number(costs.refreshesPerHour.toPrecision(3))) : unknown],
    ['Database time an hour', costs ? spanText(1_000 * costs.secondsPerHour) : unknown],
    ['Rows written an hour', costs?.rowsWrittenPerHour === undefined ? unknown : inThousands(costs.rowsWrittenPerHour)],
    ['WAL a day', costs?.walBytesPerDay === undefined ? unknown : inBytes(costs.walBytesPerDay)],
    ['Interval used', costs ? percentText(costs.share) : unknown],
    ['Fits until', fits ? fitsText(fits) : unknown],
  ]
}

function fitsText({ day, earliest, latest, growthPerDay }: NonNullable<SchedulePrice['fits']>): string {
  const growth = `${growthPerDay >= 0 ? '+' : ''}${(100 * growthPerDay).toFixed(2)} % a day`
  const later = 'later than in ten years'
  if (day === undefined) return `${later} (${growth})`
  return `${day} (95 %: ${earliest ?? later} to ${latest ?? later}; ${growth})`
}

/** What else there is to say of a price: another way, and what the history still lacks. */
export const PriceNotes = ({ price: { alternative, missing } }: { price: SchedulePrice }) => (
  <ul class="notes">
    {alternative && (
      <li>
        <b>Another way:</b> {alternative}
      </li>
    )}
    {missing.map((text) => (
      <li class="soft">{text}</li>
    ))}
  </ul>
)
