import { jsonFault } from '../encoding/json-fault.ts'
import { hasHalfCharacter } from '../encoding/text.ts'
import { isTrifoldError, TrifoldError } from '../errors.ts'
import { checkPayload, type EventRegistry } from './events.ts'

/** An event as it came, before anything is known about it. */
type Given = Record<string, unknown>

const members = ['type', 'aggregate', 'payload', 'id', 'trace']
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const traceText = /^[\x20-\x7e]{1,512}$/

/**
 * Checks events before the transaction sees them: a refusal of the database would end the caller's transaction.
 *
 * @throws EVENT_UNKNOWN if the registry lacks the type; EVENT_INVALID for everything else that is wrong
 */
export function checkEvents(registry: EventRegistry, events: readonly unknown[]): void {
  const ids = new Set<string>()
  for (const event of events) {
    checkMembers(event)
    checkStoredPayload(registry, event.type as string, event.payload)
    if (event.id !== undefined) addOnce(ids, event)
  }
}

function checkMembers(event: unknown): asserts event is Given {
  if (typeof event !== 'object' || event === null) throw invalid('event', `${shown(event)} is not an event`)
  const { type, aggregate, id, trace } = event as Given
  const unknown = Object.keys(event).find((member) => !members.includes(member))
  if (unknown !== undefined) {
    throw invalid(type, `it has an unknown member ${shown(unknown)} (known: ${members.join(', ')})`)
  }
  if (!isStorable(aggregate)) throw invalid(type, `its aggregate ${shown(aggregate)} is not a text such as "order:17"`)
  if (id !== undefined && !isUuid(id)) throw invalid(type, `its id ${shown(id)} is not a UUID`)
  if (trace !== undefined && !isMatch(traceText, trace)) {
    throw invalid(type, `its trace ${shown(trace)} is not 1 to 512 printable ASCII characters`)
  }
}

/** What is stored is the payload's JSON: that is what handlers get, so it must be all of the payload and fit the schema. */
function checkStoredPayload(registry: EventRegistry, type: string, payload: unknown): void {
  checkPayload(registry, type, payload)
  const found = jsonFault(payload)
  if (found) throw invalid(type, `its payload cannot be stored: ${found.path || '(payload)'}: ${found.fault}`)
  try {
    checkPayload(registry, type, JSON.parse(JSON.stringify(payload)))
  } catch (cause) {
    if (!isTrifoldError(cause, 'EVENT_INVALID')) throw cause
    throw invalid(
      type,
      `its payload does not fit its own schema once it has been stored as JSON, so no handler could read it: ${cause.message}; ` +
        'give the schema the form in which JSON holds the value (a date is text: z.iso.datetime(), or z.coerce.date())',
    )
  }
}

function addOnce(ids: Set<string>, { type, id }: Given): void {
  const canonical = (id as string).toLowerCase()
  if (ids.has(canonical)) throw invalid(type, `its id ${canonical} belongs to another event of the same append`)
  ids.add(canonical)
}

/** Whether a value is a UUID of any version, as text. */
export const isUuid = (value: unknown): value is string => isMatch(uuid, value)

const isMatch = (pattern: RegExp, value: unknown): boolean => typeof value === 'string' && pattern.test(value)

/** PostgreSQL has no text with a NUL character, and none with half a character. */
const isStorable = (value: unknown): boolean =>
  typeof value === 'string' && value !== '' && !value.includes('\0') && !hasHalfCharacter(value)

const shown = (value: unknown): string => JSON.stringify(value) ?? String(value)

const invalid = (type: unknown, fault: string): TrifoldError =>
  new TrifoldError('EVENT_INVALID', `outbox: ${String(type)} was refused: ${fault}`, { details: { type } })
