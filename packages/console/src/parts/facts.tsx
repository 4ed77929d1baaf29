import { instantText, numberText, spanText } from '@trifold/pages'
import type { TargetStatus } from 'trifold'
import { inBytes } from 'trifold/internal/operator/figures'
import type { TargetSeen } from '../reading/target.ts'
import { FactList } from './fact-list.tsx'
import { percentText, timingText } from './timing.ts'

/** What is known of a target, in words. */
export function Facts({ seen, timeZone }: { seen: TargetSeen; timeZone: string }) {
  const { status, past, used, worker } = seen
  const { sums, held } = past
  const facts: [name: string, value: string | undefined][] = [
    ['Lag', status.lag === undefined ? undefined : spanText(status.lag)],
    [
      'Rows',
      status.rows === undefined ? undefined : `${status.rowsEstimated ? 'about ' : ''}${numberText(status.rows)}`,
    ],
    ['Size', status.bytes === undefined ? undefined : inBytes(status.bytes)],
    ['Serves', servesText(status, timeZone)],
    ['Schedule', scheduleText(status)],
    ['Worker', worker],
    [
      'A refresh takes',
      sums.p50 === undefined ? undefined : `${spanText(sums.p50)} (p50), ${spanText(sums.p99 ?? 0)} (p99)`,
    ],
    ['Interval used', used === undefined ? undefined : percentText(used)],
    ['In time', held && `${(100 * held.share).toFixed(2)} % of the time within ${spanText(held.target)}`],
    ['Worked', `${spanText(sums.worked)}, waited ${spanText(sums.lockWait)} for locks`],
    ['WAL', sums.walBytes === undefined ? undefined : inBytes(sums.walBytes)],
    ['Verified', verifiedText(status, timeZone)],
  ]
  return <FactList facts={facts} />
}

function servesText({ generation, storage }: TargetStatus, timeZone: string): string | undefined {
  if (!generation) return undefined
  const since = generation.servedAt ? ` since ${instantText(generation.servedAt, timeZone)}` : ''
  return `generation ${generation.number}${storage ? ` (${storage})` : ''}${since}`
}

const scheduleText = ({ schedule, fedBy }: TargetStatus): string | undefined =>
  schedule
    ? `${timingText(schedule.timing)}${schedule.paused ? ', paused' : ''}, set by ${schedule.source === 'operator' ? 'an operator' : 'the configuration'}`
    : fedBy === 'schedule'
      ? 'none'
      : undefined

const verifiedText = ({ verified }: TargetStatus, timeZone: string): string | undefined =>
  verified &&
  `${percentText(verified.share)} of it at ${instantText(verified.at, timeZone)}: ${verified.differing === 0 ? 'none differs' : `${numberText(verified.differing)} rows differ`}`
