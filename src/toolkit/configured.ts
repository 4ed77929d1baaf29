import { TrifoldError } from '../errors.ts'
import type { TargetContext } from '../materializer.ts'
import type { EventRegistry } from '../outbox.ts'
import type { FedBy } from '../read-model/feed.ts'
import { configuredTiming } from '../timing.ts'

/**
 * What the configuration says of one target beyond its shape: its own fault, and not that of the others.
 *
 * @throws HANDLERS_MISSING, HANDLER_UNKNOWN_EVENT, SCHEDULE_INVALID
 */
export async function checkConfigured(
  feed: FedBy,
  context: Pick<TargetContext, 'name' | 'target' | 'model'>,
  events: EventRegistry,
): Promise<void> {
  if (feed === 'events') checkHandlers(context, events)
  else await configuredTiming(context.target, context.model)
}

function checkHandlers(
  { name, target, model }: Pick<TargetContext, 'name' | 'target' | 'model'>,
  events: EventRegistry,
): void {
  const handled = Object.keys(model.on ?? {})
  if (handled.length === 0) {
    throw new TrifoldError(
      'HANDLERS_MISSING',
      `config: ${target} is fed by events but ${name} has no handlers; add \`on\`, or keep only the view target`,
    )
  }
  const unknown = handled.find((type) => !Object.hasOwn(events, type))
  if (unknown === undefined) return
  const known = Object.keys(events).join(', ') || 'none'
  throw new TrifoldError(
    'HANDLER_UNKNOWN_EVENT',
    `config: ${name} handles ${unknown}, which is not in the event registry (known: ${known}); add its schema to \`events\` or correct the name`,
  )
}
