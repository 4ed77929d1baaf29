/** Escapes one SQL identifier: `order` becomes `"order"`. */
export const quoteIdent = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** Escapes a name inside a schema: `qualified('public', 'orders')` is `"public"."orders"`. */
export const qualified = (schema: string, name: string): string => `${quoteIdent(schema)}.${quoteIdent(name)}`

/** Escapes one SQL string literal, for the statements that take no parameters. */
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`
  return text.includes('\\') ? ` E${quoted}` : quoted
}

/** The SQLSTATE of a lock that was waited for too long. */
export const lockNotAvailable = '55P03'

/** PostgreSQL's five-letter error code (SQLSTATE) of an error that a statement threw. */
export const sqlState = (error: unknown): string | undefined => (error as { code?: string } | undefined)?.code

/** The SQLSTATE of an error or of what caused it; undefined if PostgreSQL had no part in it. */
export function sqlStateOf(error: unknown): string | undefined {
  const state = sqlState(error)
  if (state !== undefined && /^[0-9A-Z]{5}$/.test(state)) return state
  const { cause } = (error ?? {}) as { cause?: unknown }
  return cause === undefined ? undefined : sqlStateOf(cause)
}

/** An SQL expression: a `timestamptz` as text, ISO 8601 in UTC with milliseconds. */
export const utcText = (expression: string): string =>
  `to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/**
 * An SQL expression: whether some session holds the advisory lock whose key is `hashtextextended(name, 0)`, shared or not.
 *
 * @param name an SQL expression
 */
export const lockHeld = (name: string): string => `
  exists (
    select
    from pg_locks
    where locktype = 'advisory'
      and granted
      and database = (select oid from pg_database where datname = current_database())
      and objsubid = 1
      and (classid::bigint << 32) | objid::bigint = hashtextextended(${name}, 0)
  )`

/**
 * An SQL expression: the bytes of a relation with its indexes; null if it is missing, or locked so that even looking at its size
 * would wait.
 *
 * @param oid an SQL expression
 */
export const sizeUnlessLocked = (oid: string): string => `
    case
      when not exists (
        select
        from pg_locks
        where locktype = 'relation'
          and database = (select pg_database.oid from pg_database where datname = current_database())
          and relation = ${oid}
          and mode = 'AccessExclusiveLock'
      )
      then pg_total_relation_size(${oid})
    end`
