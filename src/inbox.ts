/**
 * The inbox alone, for applications that consume the messages of a broker: it opens no definition and loads no driver. The
 * adapters of ORMs are in `trifold/outbox`.
 *
 * @module trifold/inbox
 */

export { isTrifoldError, TrifoldError } from './errors.ts'
export type { Executor } from './executor.ts'
export { inbox } from './inbox/take.ts'
