import type pg from 'pg'
import { readTimeout } from '../read-timeout.ts'

/** What runs a statement. */
export type Queryable = Pick<pg.ClientBase, 'query'>

/**
 * The rows of a statement.
 *
 * @param deadline milliseconds
 * @throws READ_TIMEOUT; a pool gives up the statement's connection then, as nobody knows when it will be free
 */
export async function rowsOf<R extends pg.QueryResultRow | (string | null)[]>(
  client: Queryable,
  statement: { text: string; values: string[]; rowMode?: 'array' },
  { target, deadline }: { target: string; deadline: number },
): Promise<R[]> {
  try {
    const result = await client.query({ ...statement, query_timeout: deadline } as pg.QueryConfig)
    return result.rows as R[]
  } catch (error) {
    throw (error as Error).message === timedOut ? readTimeout(target, deadline, error) : error
  }
}

/** The driver's words; the error has no code. */
const timedOut = 'Query read timeout'
