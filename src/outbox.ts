/**
 * The write side alone, for applications that append events and read elsewhere: it opens no definition and loads no
 * driver.
 *
 * @module trifold/outbox
 */

import type { Executor } from './executor.ts'
import { append } from './outbox/append.ts'
import type { EventRegistry, NewEvent } from './outbox/events.ts'
import { type CommitToken, token } from './outbox/token.ts'

export { isTrifoldError, TrifoldError } from './errors.ts'
export type { Executor } from './executor.ts'
export { drizzleExecutor } from './outbox/adapters/drizzle.ts'
export { knexExecutor } from './outbox/adapters/knex.ts'
export { kyselyExecutor } from './outbox/adapters/kysely.ts'
export { mikroOrmExecutor } from './outbox/adapters/mikro-orm.ts'
export { prismaExecutor } from './outbox/adapters/prisma.ts'
export { typeOrmExecutor } from './outbox/adapters/type-orm.ts'
export type { EventRegistry, EventSchema, NewEvent, PayloadOf } from './outbox/events.ts'
export { type CommitToken, joinTokens } from './outbox/token.ts'

/** The write side of Trifold: all that an application needs inside its transactions. */
export interface Outbox<Events extends EventRegistry> {
  /** See {@link append}. */
  append(executor: Executor, events: NewEvent<Events> | readonly NewEvent<Events>[]): Promise<CommitToken>
  /** See {@link token}. */
  token(executor: Executor): Promise<CommitToken>
}

/** An outbox for the event types of `registry`. It holds no connection: each call names the executor to use. */
export function createOutbox<Events extends EventRegistry>(registry: Events): Outbox<Events> {
  return {
    append: (executor, events) => append(executor, registry, events),
    token,
  }
}
