/**
 * Publishes the outbox to a Kafka topic, in order and without a gap.
 *
 * @module @trifold/kafka
 */

import { Application } from 'trifold/internal/trifold'
import { type Relay, type RelayOptions, runRelay } from './relay.ts'

export type { Brokers } from './client.ts'
export { contractVersion, markerType } from './records.ts'
export type { Relay, RelayOptions } from './relay.ts'

/**
 * Publishes the outbox of an application to a topic until it is stopped, as `trifold relay` does. Stop it before you close the
 * application.
 */
export function startRelay(application: Application<never, never>, options: RelayOptions): Relay {
  const { config, pool } = Application.toolkitOf(application)
  return runRelay(config.database, pool, options)
}
