import type { ErrorCode } from '../src/errors.ts'

/** The headings of docs/errors.md, each by the first code below it. */
export const errorParts: { readonly [Code in ErrorCode]?: string } = {
  CONFIG_INVALID: 'Configuration and command line',
  DATABASE_UNREACHABLE: 'Engines',
  EVENT_UNKNOWN: 'Events and commit tokens',
  DEFINITION_NOT_FOUND: 'Definitions and handlers',
  FEED_INCOMPLETE: 'Workers and reads that wait',
  DOCUMENT_REFUSED: 'Indexes',
  DETACH_RUNNING: 'Rebuilds, refreshes and schedules',
  FACADE_BUSY: 'Names in SQL',
  COMPARE_FAILED: 'Comparing, and removing targets',
  QUERY_INVALID: 'Queries',
  API_INVALID: 'HTTP',
  TARGET_DISAGREES: 'Tests',
}

/** What to do about each error: the page's second sentence. The message of an error names the thing itself. */
export const nextSteps: Record<ErrorCode, string> = {
  CONFIG_INVALID: 'Correct the key that the message names; the [README](../README.md#configuration) lists all keys.',
  CONFIG_NOT_FOUND: 'Run the command in the folder of `trifold.config.ts`, or name the file with `--config`.',
  READ_MODEL_UNKNOWN:
    'Correct the name, or add the read model to `readModels`; the message lists those that there are.',
  TARGET_UNKNOWN: 'Correct the name (`read_model@target`), or add the target to `targets` of the read model.',

  USAGE: 'See `--help` of the command.',
  UNEXPECTED: 'Run it again with `TRIFOLD_DEBUG=1`, which prints the stack, and report that with what you did.',

  DATABASE_UNREACHABLE: 'Check `DATABASE_URL` and that the server runs. A worker goes on by itself once it answers.',
  DATABASE_TOO_OLD: 'Upgrade the server to PostgreSQL 14 or newer.',
  DATABASE_STANDBY: 'Point `DATABASE_URL` at the primary. Read a standby with SQL of your own.',
  DATABASE_NOT_MIGRATED: 'Run `trifold migrate`.',
  DATABASE_POOLED: 'Point `DATABASE_URL` at PostgreSQL itself, or at a pool of sessions.',
  DATABASE_DAMAGED:
    'Restore the rows from a backup, or begin again with `trifold migrate --down` and `trifold migrate`.',
  STATEMENT_TIMEOUT: 'Take `statement_timeout` off the role of the workers; reads have a deadline of their own.',
  DATABASE_LOCKED:
    'The message names the session that holds the lock. End its transaction, or wait for it, and ask again.',
  DATABASE_FULL: 'Free space on the disk of PostgreSQL.',
  ROLE_UNKNOWN: 'Create the role, or correct its name.',
  PRIVILEGE_MISSING: 'Grant what the message names; `trifold doctor` lists all that Trifold needs.',
  SEARCH_UNREACHABLE: 'Check `OPENSEARCH_URL` and that OpenSearch runs. A worker goes on by itself once it answers.',
  SEARCH_NOT_CONFIGURED: 'Set `search` or `OPENSEARCH_URL`, or remove the search target.',
  REDIS_UNREACHABLE: 'Check `REDIS_URL` and that Redis runs, or leave it unset to keep the queue in PostgreSQL.',
  REDIS_READ_ONLY: 'Point `REDIS_URL` at the primary. A worker goes on by itself once its Redis takes writes.',
  PACKAGE_MISSING: 'Run the command that the message names: it installs the package in the version of this one.',
  KAFKA_UNREACHABLE:
    'Check `--brokers` or `KAFKA_BROKERS` and that Kafka runs. A relay goes on by itself once it answers.',
  TOPIC_UNFIT:
    'Create the topic, or use another one. The number of partitions of a topic cannot change once a relay has written to it.',
  RELAY_GAP:
    'Tell the consumers of the topic that events are missing. Then run `trifold relay <topic> --forget`, and begin again with `--into-existing`.',
  RECORD_TOO_LARGE:
    'Raise `max.message.bytes` of the topic for the next ones. The parked event (`trifold parked list`) is in no record: tell the consumers.',
  STACK_FAILED: 'The message has the end of the log of the engine. Mend what it names, or use an engine of your own.',
  DEMO_UNAVAILABLE: 'Clone the repository, and run `npm ci && npm run demo` there.',

  EVENT_UNKNOWN: 'Add the schema of its payload to `events`, or correct the type.',
  EVENT_INVALID:
    'The message has the path of every fault: correct the payload, or the schema. The transaction may go on, as nothing was written.',
  INBOX_INVALID:
    'Pass the id that the event carries, and a name of your own for the consumer. The transaction may go on, as nothing was written.',
  TOKEN_INVALID: 'Pass what `token()` or `joinTokens()` returned, unchanged, to the database that it is of.',
  TOKEN_UNCOMMITTED: 'Commit first, then read with `after`. Do not hand out the token of a transaction that failed.',
  TRANSACTION_MISSING:
    'Open a transaction, and hand `append`, `token` and `inbox` its own client, or an executor around its own `tx`: never a pool or the database object, and not after its end.',
  ERA_MISMATCH:
    'The database was failed over or restored since, or the token is of another database. Read without the token, or the first page without the cursor.',

  DEFINITION_NOT_FOUND: 'Write its SELECT as `<read_model>_v01.sql` in the folder `views`.',
  DEFINITION_INVALID: 'Correct the SELECT, or run the migrations of your application first.',
  DEFINITION_EXISTS: 'Edit the file that the message names, or take it away.',
  DEFINITION_DRIFT:
    'Never edit a released definition: write the next version, `<read_model>_v02.sql`. If a table or a function under it has changed, undo that, and the target goes on by itself, or run `trifold rebuild <target>`.',
  KEY_INVALID: 'Choose columns that identify a row of the SELECT, or correct the join that repeats rows.',
  HANDLERS_MISSING: 'Add `on` to the read model, or keep only its `view`.',
  HANDLER_UNKNOWN_EVENT: 'Correct the name, or add the event to `events`.',
  HANDLER_UNKNOWN_COLUMN: 'Correct the column. `trifold types` and the compiler find it before it runs.',
  HANDLER_FAILED:
    'Mend the handler, raise `version` and start the worker: it goes on at that event. Or rebuild the target, which drops the event.',
  HANDLER_BLOCKED:
    'Correct the handler at the event that the message names and raise `version`, or run `trifold target resume`. Handlers are pure: no loop over what is not in the payload.',
  PROCESS_ENDED:
    'Correct the handler at the event that the message names and raise `version`, or run `trifold target resume`. Handlers are pure: no timers, no promises, no `process.exit`.',
  PARKED_TOO_MANY:
    'Correct the handlers: `trifold parked list` shows what failed. Restart the worker, then retry the parked events.',
  HANDLERS_OUTDATED: 'Deploy the newer handlers to this worker too. If its own are the newer ones, raise `version`.',

  FEED_INCOMPLETE:
    'Rebuild the target: `trifold rebuild <target>`. Detach partitions only once every target has passed them.',
  LEASE_LOST:
    'Nothing: the other consumer goes on. If it comes often, a statement takes longer than `TRIFOLD_LEASE_MS`.',
  OBSERVER_FAILED:
    'The message names the kind of the observation. Correct the function that you gave as `observe`; the worker is not disturbed.',
  WATCHDOG: 'Look for a handler that computes for seconds. The worker has to be started again by what runs it.',
  TARGET_STOPPED: '`trifold status` names the event and the cause. Read another target meanwhile.',
  TARGET_RUNNING: 'Nothing, or look at `trifold status` for what else is wrong.',
  TARGET_DETACHED:
    'Run `trifold target attach <read model>` once the [migration](operations.md#migrations-of-your-tables) is done. Reads without `after` are answered meanwhile.',
  PARKED_UNKNOWN: '`trifold parked list` shows the ids.',
  PARKED_FAILS: 'Correct the handler and deploy it, then retry; or discard the event if its rows are right.',
  WAIT_TIMEOUT:
    'Read without `after`, or from another target, or wait longer with `timeout`. If it comes often, see the lag in `trifold status`. A view shows a commit only after its next refresh.',

  DOCUMENT_REFUSED:
    'The message has the reason that OpenSearch gave. Correct the row or its column, then `trifold rebuild <target>`.',
  SEARCH_FAILED: 'The message has the answer of OpenSearch. Look at its log, its disk and its memory.',
  INDEX_OWNED:
    'Set another `indexPrefix` if both go on. If this database has taken the place of the other, or is the only one, run `trifold target adopt <target>`.',
  TARGET_UNOWNED: 'Nothing: a table or a view is inside its database.',
  INDEX_REFRESH_FAILED: 'Look at the health of the cluster and the log of OpenSearch. It is tried again.',

  DETACH_RUNNING: 'Wait for it; `trifold status` shows what it works on. If its process died, run it again.',
  REBUILD_CANCELLED:
    'Run it again if you want the new generation. A table that keeps rows continues with them; to begin again instead, raise the `version` of its handlers.',
  REBUILD_DIFFERS:
    'The message names a key and its columns. Correct the handler that writes them, raise `version`, and rebuild again; `trifold rebuild <target> --no-verify` serves the rows as they are.',
  REBUILD_RUNNING: 'Wait for it; `trifold status` shows how far it is.',
  ROLLBACK_IMPOSSIBLE: 'The message says what is missing, and what to run instead.',
  REFRESH_RUNNING: 'Wait for it; it has a row in `trifold.refreshes`.',
  REFRESH_NOT_RUNNING: 'Nothing; `trifold status` shows what runs.',
  REFRESH_FAILED:
    'The message has the reason. The rows of the last refresh stay readable, and the schedule tries again.',
  VERIFY_IMPOSSIBLE:
    'Give a sample such as `1%`; build the target, or start `trifold worker` and wait until it has caught up.',
  EXPORT_IMPOSSIBLE:
    'The message says why: build the target, or start `trifold worker` and wait until it has caught up; then export it again.',
  EXPORT_EXISTS: 'Name another file, or replace that one with `--force`.',
  SWITCH_IMPOSSIBLE: 'The message says what is in the way: rebuild the target first, or name another one.',
  SWITCH_RUNNING: 'Wait for the other `trifold switch` to end.',
  HEALTH_INVALID: 'Give `--health` another port or host; the message has the reason of the system.',
  HISTORY_INVALID:
    'Write `--since 24h`, `"yesterday 18:00"`, `"2026-11-29 18:00"` or an ISO time, a time zone such as `Europe/Berlin`, and a limit from 1 to 10000.',
  SCHEDULE_INVALID:
    'Give `--every` a span such as `5m`, or `--cron` a pattern of five or six fields and `--time-zone` the name of a time zone.',

  FACADE_BUSY:
    'End the transactions that are idle (`pg_stat_activity`, state `idle in transaction`), and run it again.',
  FACADE_DEPENDED: 'Drop your view, let the worker switch, and create it again for the new columns.',
  FACADE_TAKEN: 'Rename your relation, or set another `schema` for the names of the read models.',

  COMPARE_FAILED: 'The message has the reason. What the comparison created is removed; run it again.',
  COMPARE_LOAD: 'Ask for less, or say `--yes` if you mean it.',
  COMPARE_PRODUCTION: 'Run it on a copy, or say `--yes` if you mean this database.',
  COMPARE_QUERIES: 'Correct the file as [comparing](comparing.md) describes it.',
  COMPARE_REPLAY: 'Give a `--workload` in place of `--replay`: a fold would count an event twice.',
  COMPARE_RUNNING: 'Wait for its end.',
  COMPARE_TOO_LITTLE: 'Let it run longer (`--for`) or under more load (`--rate`), on more rows.',
  COMPARE_WORKLOAD: 'Name a module with `--workload` or `workload`, as [comparing](comparing.md) describes it.',
  TARGET_KEPT:
    'Stop the worker that keeps the target (for removing it), end the sessions that read it, drop the views that depend on it, and run it again.',

  QUERY_INVALID: 'Correct what the message names; [queries](queries.md) has all columns and operators.',
  READ_TIMEOUT: 'Narrow the request, give it a longer `deadline`, or see why the engine is slow (`trifold doctor`).',
  QUERY_UNSUPPORTED: 'Ask the target that the message names.',
  CURSOR_INVALID: 'Begin with the first page. A cursor belongs to the filters and the order that it was made for.',
  CURSOR_EXPIRED:
    'Begin again with the first page, without `cursor`. Pages that `hold` keeps still end if no page is asked for within that time, or if the index is built again: hold them for longer, or read on sooner. A cursor in the order of relevance ends when the `text` of its target is configured in another way.',
  VALUE_INVALID:
    'The message names the column and the key or the event. Correct the row, the handler or what the query compares with, or cast the column in the definition: [types](types.md) says what each type holds and what to write instead.',

  API_INVALID: 'Correct what the message names; [HTTP](http.md) lists what an API takes.',
  ACCESS_DENIED: 'Send a key: `Authorization: Bearer …`. See [keys](http.md#keys-and-roles).',
  LIMIT_EXCEEDED: 'Ask for less, or raise the limit that the message names; see [limits](http.md#limits).',
  REQUEST_INVALID: 'Correct what the message names; `/openapi.json` describes every request.',

  TARGET_DISAGREES:
    'Read what differs and which events touched it: [testing your handlers](testing.md) says how. The handler is wrong, or an event is missing.',
  TEST_MEANINGLESS: 'The message counts why commands were refused. Seed the rows that they need.',
  TEST_STUCK: 'Find what the command waits for, or raise `patience`.',
}
