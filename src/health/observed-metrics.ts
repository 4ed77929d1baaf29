import type { Registry } from 'prom-client'
import { levelOf, type Observe } from '../observe.ts'

const seconds = [0.005, 0.02, 0.1, 0.5, 1, 2, 5, 15, 60, 300, 1_800]

/** Counts what is observed. @param client prom-client, which not everybody loads */
export function observedMetrics(client: typeof import('prom-client'), register: Registry): Observe {
  const registers = [register]
  const counter = (name: string, help: string, labelNames: string[]) =>
    new client.Counter({ name: `trifold_${name}`, help, labelNames, registers })
  const histogram = (name: string, help: string, labelNames: string[]) =>
    new client.Histogram({ name: `trifold_${name}`, help, labelNames, registers, buckets: seconds })
  const events = counter('events_applied_total', 'Events that this process has applied.', ['target'])
  const keys = counter('keys_changed_total', 'Keys that they changed.', ['target'])
  const parked = counter('events_parked_total', 'Events that this process has parked.', ['target'])
  const warnings = counter('observations_total', 'Observations of the levels warn and error.', ['kind', 'level'])
  const pages = histogram('page_seconds', 'How long pages took to apply.', ['target'])
  const refreshes = histogram('refresh_seconds', 'How long scheduled refreshes took.', ['target', 'outcome'])
  const rebuilds = histogram('rebuild_seconds', 'How long rebuilds took.', ['target', 'outcome'])
  return (seen) => {
    const level = levelOf(seen.kind)
    if (level === 'warn' || level === 'error') warnings.inc({ kind: seen.kind, level })
    switch (seen.kind) {
      case 'page.applied':
        events.inc({ target: seen.target }, seen.events)
        keys.inc({ target: seen.target }, seen.keys)
        return pages.observe({ target: seen.target }, seen.ms / 1_000)
      case 'event.parked':
        return parked.inc({ target: seen.target })
      case 'refresh.finished':
      case 'refresh.skipped':
      case 'refresh.failed':
        return refreshes.observe({ target: seen.target, outcome: outcomeOf(seen.kind) }, seen.ms / 1_000)
      case 'rebuild.finished':
      case 'rebuild.discarded':
        return rebuilds.observe({ target: seen.target, outcome: outcomeOf(seen.kind) }, seen.ms / 1_000)
      default:
    }
  }
}

/** `refresh.failed`: `failed`. */
const outcomeOf = (kind: string): string => kind.slice(kind.indexOf('.') + 1)
