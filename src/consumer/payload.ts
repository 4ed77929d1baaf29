import type { FeedEvent } from '../feed.ts'
import { checkPayload, type EventRegistry } from '../outbox/events.ts'

/**
 * The payload of an event as its schema returns it. That of an event which several targets get is read once, and frozen:
 * no handler may change what the next one gets.
 *
 * @throws EVENT_UNKNOWN, EVENT_INVALID
 */
export function payloadOf(registry: EventRegistry, { type, payload: text, shared }: FeedEvent): unknown {
  if (shared?.read?.registry === registry) return shared.read.payload
  const payload = checkPayload(registry, type, JSON.parse(text))
  if (shared && isPlain(payload)) shared.read = { registry, payload: frozen(payload) }
  return payload
}

/** Whether a value is of what JSON has: an instance of anything else may change although it is frozen. */
function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  const prototype = Object.getPrototypeOf(value)
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return false
  return Object.values(value).every(isPlain)
}

function frozen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  for (const part of Object.values(value)) frozen(part)
  return Object.freeze(value)
}
