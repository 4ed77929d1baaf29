import type { ObservationKind } from './observations.ts'

/** `debug`: often, for metrics and traces. `warn`: Trifold recovers by itself. `error`: an operator has to act. */
export type Level = 'debug' | 'info' | 'warn' | 'error'

const levels: { readonly [Kind in ObservationKind]: Level } = {
  'worker.waiting': 'warn',
  'worker.started': 'info',
  'worker.shares': 'info',
  'worker.stopping': 'info',
  'worker.stopped': 'info',
  'worker.stalled': 'error',
  'worker.blocked': 'error',
  'feed.opened': 'info',
  'feed.broken': 'warn',
  'era.began': 'warn',
  'target.waiting': 'info',
  'target.leased': 'info',
  'target.retrying': 'warn',
  'target.stopped': 'error',
  'target.detached': 'info',
  'target.attached': 'info',
  'event.parked': 'error',
  'lease.lost': 'warn',
  'page.applied': 'debug',
  'rebuild.started': 'info',
  'rebuild.continued': 'info',
  'rebuild.at-one-snapshot': 'info',
  'rebuild.progressed': 'info',
  'rebuild.verifying': 'info',
  'rebuild.repaired': 'warn',
  'rebuild.verified': 'info',
  'rebuild.finished': 'info',
  'rebuild.kept': 'info',
  'generation.cold': 'warn',
  'rebuild.discarded': 'warn',
  'refresh.finished': 'info',
  'refresh.skipped': 'info',
  'refresh.failed': 'warn',
  'verify.finished': 'debug',
  'verify.differs': 'error',
  'verify.failed': 'warn',
  'schedule.removed': 'warn',
  'schedule.failed': 'warn',
  'queue.failed': 'warn',
  'maintenance.failed': 'warn',
  'partition.closed': 'info',
  'partition.dropped': 'info',
  'target.cut-off': 'warn',
  'partition.due': 'error',
}

/** How much an observation of that kind matters. */
export const levelOf = (kind: ObservationKind): Level => levels[kind]
