import type { MaterializerName } from '../target.ts'

/** What keeps a target current: the events of the outbox, or runs of its definition on a schedule. */
export type FedBy = 'events' | 'schedule'

/** The feed of a target. The only place where it follows from the materializer: everything else asks the target. */
export const feedOf = (materializer: MaterializerName): FedBy => (materializer === 'view' ? 'schedule' : 'events')
