// The table `trifold.outbox`: the append-only log of events. What only appends imports `outbox/append.ts` alone.
export { type Head, readExtent, readHead } from './outbox/after-window.ts'
export { readAggregates } from './outbox/aggregates.ts'
export { type OutboxFacts, readOutboxFacts } from './outbox/facts.ts'
export { readLargeWindow } from './outbox/large-window.ts'
export { lockOutbox } from './outbox/lock.ts'
export type { FeedEvent, OutboxRow } from './outbox/rows.ts'
export { readSmallWindows } from './outbox/small-windows.ts'
export { notInWindows } from './outbox/waiting.ts'
