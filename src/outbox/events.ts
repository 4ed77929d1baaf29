import { TrifoldError } from '../errors.ts'

/**
 * The part of the Standard Schema interface (version 1, https://standardschema.dev) that Trifold uses: any schema of
 * zod, valibot, arktype and others fits it.
 */
export interface EventSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}

/** What validation gives: the value, or what is wrong with it. */
type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

/** One fault of a value, and where it is. */
interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** The event types of an application, each with the schema of its payload. */
export type EventRegistry = Record<string, EventSchema>

/** The payload of event `T`, as its schema returns it. */
export type PayloadOf<Events extends EventRegistry, T extends keyof Events> =
  Events[T] extends EventSchema<infer Output> ? Output : never

/** An event as the application appends it. */
export type NewEvent<Events extends EventRegistry> = {
  [T in keyof Events & string]: {
    type: T
    /** The one thing that the event is about, such as `order:17`. */
    aggregate: string
    payload: PayloadOf<Events, T>
    /**
     * A UUID; default: a random one (version 4) from the database. Ids must differ within one append. Whether an
     * earlier append used the same id is not checked.
     */
    id?: string | undefined
    /** The trace that the event belongs to, such as a W3C `traceparent`: up to 512 ASCII characters, kept as they are. */
    trace?: string | undefined
  }
}[keyof Events & string]

/**
 * Checks a payload with the schema of its event and returns what the schema makes of it.
 *
 * @throws EVENT_UNKNOWN if the registry lacks the type; EVENT_INVALID with the path of every fault.
 */
export function checkPayload(registry: EventRegistry, type: string, payload: unknown): unknown {
  const schema = Object.hasOwn(registry, type) ? registry[type] : undefined
  if (!schema) throw unknownEvent(registry, type)
  const result = schema['~standard'].validate(payload)
  if (result instanceof Promise) {
    throw new TrifoldError('EVENT_INVALID', `outbox: the schema of ${type} is asynchronous; give it a synchronous one`)
  }
  if (result.issues) throw invalidPayload(type, result.issues)
  return result.value
}

function unknownEvent(registry: EventRegistry, type: string): TrifoldError {
  const known = Object.keys(registry).join(', ') || 'none'
  return new TrifoldError(
    'EVENT_UNKNOWN',
    `outbox: event ${type} is not in the event registry (known: ${known}); add its schema to \`events\``,
    { details: { type } },
  )
}

function invalidPayload(type: string, issues: readonly SchemaIssue[]): TrifoldError {
  const faults = issues.map((issue) => ({ path: pathOf(issue), message: issue.message }))
  const text = faults.map((fault) => `${fault.path || '(payload)'}: ${fault.message}`).join('; ')
  return new TrifoldError('EVENT_INVALID', `outbox: the payload of ${type} does not match its schema: ${text}`, {
    details: { type, faults },
  })
}

function pathOf(issue: SchemaIssue): string {
  return (issue.path ?? []).map((step) => String(typeof step === 'object' ? step.key : step)).join('.')
}
