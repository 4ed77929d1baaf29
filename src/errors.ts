/**
 * Every error that Trifold raises on purpose, by part. A code is stable: programs may branch on it, the documentation
 * lists it, and it is never given another meaning.
 */
export const errorCatalogue = {
  CONFIG_INVALID: 'The configuration has an unknown key, a missing value or a value of the wrong kind.',
  CONFIG_NOT_FOUND: 'No configuration file was found.',
  READ_MODEL_UNKNOWN: 'No read model of that name is configured.',
  TARGET_UNKNOWN: 'The read model has no target of that name.',

  USAGE: 'The command line cannot be understood.',
  UNEXPECTED: 'An unexpected error; please report it.',

  DATABASE_UNREACHABLE: 'PostgreSQL does not answer at the configured address.',
  DATABASE_TOO_OLD: 'The PostgreSQL server is older than the oldest supported version.',
  DATABASE_STANDBY: 'The server is a standby: windows, rebuilds, refreshes and commit tokens need the primary.',
  DATABASE_NOT_MIGRATED: 'The schema of the toolkit is missing or older than this version of the library.',
  DATABASE_POOLED: 'A transaction pooler is between Trifold and PostgreSQL; Trifold needs its own sessions.',
  DATABASE_DAMAGED: 'A table of the schema "trifold" has lost rows that Trifold had written.',
  STATEMENT_TIMEOUT: 'PostgreSQL cancelled a statement at the statement_timeout of the role.',
  DATABASE_LOCKED: 'A table of the schema "trifold" is locked by another session.',
  DATABASE_FULL: 'The disk of PostgreSQL is full.',
  PRIVILEGE_MISSING: 'The role lacks a privilege that a statement needs.',
  ROLE_UNKNOWN: 'PostgreSQL has no role of that name.',
  SEARCH_UNREACHABLE: 'OpenSearch does not answer at the configured address.',
  SEARCH_NOT_CONFIGURED: 'A search target is configured, but no address of OpenSearch is known.',
  REDIS_UNREACHABLE: 'Redis does not answer at the configured address.',
  REDIS_READ_ONLY: 'Redis is a replica, so the queue of refreshes cannot be written.',
  PACKAGE_MISSING: 'The command, or the format of an export, needs a package that is not installed.',
  KAFKA_UNREACHABLE: 'The Kafka brokers do not answer, or refused a request.',
  TOPIC_UNFIT: 'The Kafka topic is missing, or is not the one that the relay began with.',
  RELAY_GAP: 'The relay cannot continue its topic, because events between were lost.',
  RECORD_TOO_LARGE: 'An event is larger than the records that the Kafka topic takes.',
  STACK_FAILED: 'An engine of the embedded stack did not start.',
  DEMO_UNAVAILABLE: 'The demo needs the shop, which is in the repository only.',

  EVENT_UNKNOWN: 'The event type is not in the event registry.',
  EVENT_INVALID: 'The event is malformed, or its payload does not match its schema.',
  INBOX_INVALID: 'The inbox was asked without an event id or without the name of a consumer.',
  TOKEN_INVALID: 'The commit token cannot be read.',
  TOKEN_UNCOMMITTED: 'The transaction of the commit token has not committed, so no target can show it.',
  TRANSACTION_MISSING:
    'The executor is not in a transaction, so events would not commit together with the rows they describe.',
  ERA_MISMATCH: 'The commit token or cursor belongs to an earlier era of the database.',

  DEFINITION_NOT_FOUND: 'The read model has no definition file.',
  DEFINITION_INVALID: 'The definition does not compile, or has a column that a read model cannot hold.',
  DEFINITION_EXISTS: 'The next version of the definition is there already.',
  DEFINITION_DRIFT: 'The definition, or what it reads, no longer matches the generation that serves.',
  KEY_INVALID: 'The key is missing from the definition, not unique or null.',
  HANDLERS_MISSING: 'A table or search target is configured without event handlers.',
  HANDLER_UNKNOWN_EVENT: 'A handler is named after an event that the registry lacks.',
  HANDLER_UNKNOWN_COLUMN: 'A handler writes a column that the definition lacks.',
  HANDLER_FAILED: 'A handler threw, or returned something that is not an operation.',
  HANDLER_BLOCKED: 'A handler did not return within a lease, and Trifold ended its process.',
  PROCESS_ENDED: 'Handling an event ended the process: an exit, an error thrown late, a crash.',
  PARKED_TOO_MANY: 'The target stopped because too many of its events had to be parked.',
  HANDLERS_OUTDATED: 'A worker with newer handlers has run this target.',

  FEED_INCOMPLETE: 'Rows of a window are missing from the outbox.',
  LEASE_LOST: 'Another consumer has taken the lease of the target.',
  OBSERVER_FAILED: 'An observer of a worker or of a rebuild threw an error.',
  WATCHDOG: 'Trifold ended the process because its event loop was blocked for longer than a lease.',
  TARGET_STOPPED: 'The target stopped at a failing event.',
  TARGET_RUNNING: 'The target has not stopped, so it cannot be resumed.',
  TARGET_DETACHED: 'The read model is detached for a migration, so its targets are held.',
  PARKED_UNKNOWN: 'No parked event has that id.',
  PARKED_FAILS: 'The handler of a parked event still fails or is gone, or its rows cannot be kept.',
  WAIT_TIMEOUT: 'The wait ended before the target showed the commit.',

  DOCUMENT_REFUSED: 'OpenSearch refused a document; a retry would not help.',
  SEARCH_FAILED: 'OpenSearch answered with an error that retries did not resolve.',
  INDEX_OWNED:
    'The index belongs to another database, or to another history of this one, which neither writes nor drops it.',
  TARGET_UNOWNED: 'Only an index names an owner, so no other target can be adopted.',
  INDEX_REFRESH_FAILED: 'An index refresh failed on at least one shard.',

  DETACH_RUNNING: 'Another process is detaching or attaching the read model.',
  REBUILD_CANCELLED: 'The rebuild was cancelled; the message says what is left of it.',
  REBUILD_DIFFERS: 'Rows of a new generation differ from its definition after a repair, so it does not serve.',
  REBUILD_RUNNING: 'Another process is rebuilding the target.',
  ROLLBACK_IMPOSSIBLE: 'The target cannot be rolled back as things are.',
  REFRESH_RUNNING: 'Another refresh of the view is running.',
  REFRESH_NOT_RUNNING: 'No refresh of the view is running, so there is nothing to cancel.',
  REFRESH_FAILED: 'The refresh of the view failed.',
  VERIFY_IMPOSSIBLE: 'The target cannot be verified as asked, or as things are.',
  EXPORT_IMPOSSIBLE: 'The rows of the target cannot be had at one snapshot as things are.',
  EXPORT_EXISTS: 'The file to export into is there already.',
  SWITCH_IMPOSSIBLE: 'The read model cannot be switched to the target as asked, or as things are.',
  SWITCH_RUNNING: 'Another process is switching the read model.',
  HEALTH_INVALID: 'Metrics and health cannot be served at the address.',
  HISTORY_INVALID: 'The period, the time zone or the limit of a history cannot be used.',
  SCHEDULE_INVALID: 'The schedule is not a valid interval or cron pattern.',

  FACADE_BUSY: 'Open transactions read a serving name, so Trifold cannot point it at another generation.',
  FACADE_DEPENDED: 'A view depends on a serving name whose columns have changed.',
  FACADE_TAKEN: 'A relation that Trifold did not make has the serving name.',

  COMPARE_FAILED: 'A comparison could not go on: a process of it ended, or a transaction of the load failed.',
  COMPARE_LOAD: 'The requested load is greater than a comparison makes without --yes.',
  COMPARE_PRODUCTION: 'The database looks like one in use, so a comparison puts no load on it without --yes.',
  COMPARE_QUERIES: 'The file of queries cannot be read.',
  COMPARE_REPLAY: 'The events of the outbox cannot safely be appended again.',
  COMPARE_RUNNING: 'Another comparison of the read model is running.',
  COMPARE_TOO_LITTLE: 'There is too little data to judge the targets.',
  COMPARE_WORKLOAD: 'There is no workload, or it cannot be used.',
  TARGET_KEPT: 'The target cannot be removed or detached while a worker runs it or something uses its storage.',

  QUERY_INVALID: 'The request has an unknown key or column, or an operator or a value that does not fit.',
  READ_TIMEOUT: 'The target did not answer the request within its deadline.',
  QUERY_UNSUPPORTED: 'The target cannot run this query.',
  CURSOR_INVALID: 'The page cursor cannot be read, was changed or belongs to another query.',
  CURSOR_EXPIRED: 'The page cursor was good once, and its pages are gone or ordered in another way.',
  VALUE_INVALID: 'A value does not fit the type of its column.',

  API_INVALID: 'The HTTP API was given roles, keys or limits that it cannot keep to.',
  ACCESS_DENIED: 'The request to the HTTP API has no key, one that is not known, or comes from elsewhere.',
  LIMIT_EXCEEDED: 'The request asks for more than a limit of the HTTP API.',
  REQUEST_INVALID: 'The request to the HTTP API cannot be read: its address, its headers, or its JSON.',

  TARGET_DISAGREES: 'A target of a test kit has other rows than its definition.',
  TEST_MEANINGLESS: 'No transaction of a property test committed, so nothing was tested.',
  TEST_STUCK: 'A command of a property test did not end.',
} as const

/** The code of a {@link TrifoldError}. */
export type ErrorCode = keyof typeof errorCatalogue

/**
 * An error with a stable code. The message names the part, the thing and the next step; `details` holds the same facts
 * for programs.
 */
export class TrifoldError extends Error {
  readonly code: ErrorCode
  readonly details: Record<string, unknown>

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: Record<string, unknown> } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'TrifoldError'
    this.code = code
    this.details = options.details ?? {}
  }
}

/** Whether `error` is a {@link TrifoldError}, and has the given code if one is given. */
export function isTrifoldError(error: unknown, code?: ErrorCode): error is TrifoldError {
  return error instanceof TrifoldError && (code === undefined || error.code === code)
}

/** Whether a package is not installed. One that is but lacks a file or a dependency is broken, not missing. */
export const isPackageMissing = (name: string, error: unknown): boolean =>
  (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND' &&
  (error as Error).message.includes(`package '${name}'`)
