import { spanText } from '@trifold/pages'
import type { Timing } from 'trifold'

/** `every 5 min`, `lag within 5 min`, or the pattern with its zone. */
export function timingText(timing: Timing): string {
  if (timing.kind === 'cron') return `${timing.pattern} (${timing.timeZone})`
  return timing.kind === 'every' ? `every ${spanText(timing.ms)}` : `lag within ${spanText(timing.ms)}`
}

/** `12 %`, with a digit more below one. */
export const percentText = (share: number): string => `${(100 * share).toFixed(share < 0.01 && share > 0 ? 1 : 0)} %`
