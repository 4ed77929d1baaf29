import type { Observe } from '../observe.ts'
import { type Status, status } from '../operator/status.ts'
import { withinTime } from '../operator/within-time.ts'
import { withPackage } from '../optional-package.ts'
import type { Toolkit } from '../toolkit.ts'
import { observedMetrics } from './observed-metrics.ts'

/** The metrics of a process. */
export interface Metrics {
  contentType: string
  observe: Observe
  /** All of them now, as Prometheus reads them. */
  text(): Promise<string>
}

const patience = 8_000
const clientPackage = { name: 'prom-client', version: '15', need: 'health: metrics need' }
const verdicts = { green: 0, yellow: 1, red: 2 }

/**
 * Metrics of what this process observes, of what `trifold status` says when they are asked for, and of the process itself. A
 * status that cannot be had leaves its metrics out, and `trifold_status_up` says 0.
 *
 * @throws PACKAGE_MISSING
 */
export async function openMetrics(toolkit: Toolkit): Promise<Metrics> {
  const client = await withPackage(clientPackage, () => import('prom-client'))
  const register = new client.Registry()
  client.collectDefaultMetrics({ register })
  const gauge = (name: string, help: string, labelNames: string[] = ['target']) =>
    new client.Gauge({ name: `trifold_${name}`, help, labelNames, registers: [register] })
  const gauges = {
    up: gauge('status_up', 'Whether the status could be had: 1 or 0.', []),
    waiting: gauge('feed_events_waiting', 'Events that are in no window yet.', []),
    verdict: gauge('target_verdict', 'The verdict of trifold status: 0 green, 1 yellow, 2 red.'),
    lag: gauge('target_lag_seconds', 'How far what readers see is behind.'),
    events: gauge('target_events_waiting', 'Events that the target has not applied.'),
    rows: gauge('target_rows', 'Rows of the target, estimated if its engine estimates.'),
    bytes: gauge('target_bytes', 'Size of the target.'),
    parked: gauge('target_parked_events', 'Events that the target could not take.'),
    paused: gauge('schedule_paused', 'Whether the schedule of the view is paused: 1 or 0.'),
    next: gauge('schedule_next_seconds', 'Seconds until the view is due.'),
  }
  const show = (now: Status) => {
    for (const one of Object.values(gauges)) one.reset()
    gauges.waiting.set(now.feed.waiting)
    for (const one of now.targets) {
      const { target, schedule } = one
      const set = (to: { set(labels: { target: string }, value: number): void }, value: number | undefined) =>
        value !== undefined && to.set({ target }, value)
      set(gauges.verdict, verdicts[one.verdict])
      set(gauges.lag, one.lag === undefined ? undefined : one.lag / 1_000)
      set(gauges.events, one.eventsWaiting)
      set(gauges.rows, one.rows)
      set(gauges.bytes, one.bytes)
      set(gauges.parked, one.parked.events)
      set(gauges.paused, schedule && Number(schedule.paused))
      set(gauges.next, schedule?.nextAt && (schedule.nextAt.getTime() - Date.parse(now.feed.at)) / 1_000)
    }
    for (const { target, verdict, lag, eventsWaiting, parkedEvents } of now.relays) {
      gauges.verdict.set({ target }, verdicts[verdict])
      if (lag !== undefined) gauges.lag.set({ target }, lag / 1_000)
      if (eventsWaiting !== undefined) gauges.events.set({ target }, eventsWaiting)
      gauges.parked.set({ target }, parkedEvents)
    }
    gauges.up.set(1)
  }
  const collect = async () => {
    try {
      show(await withinTime(status(toolkit), patience, 'status'))
    } catch {
      for (const one of Object.values(gauges)) one.reset()
      gauges.up.set(0)
    }
    return register.metrics()
  }
  let collecting: Promise<string> | undefined
  return {
    contentType: register.contentType,
    observe: observedMetrics(client, register),
    text() {
      collecting ??= collect().finally(() => {
        collecting = undefined
      })
      return collecting
    },
  }
}
