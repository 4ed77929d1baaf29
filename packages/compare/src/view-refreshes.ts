import type pg from 'pg'
import { refreshesBetween } from 'trifold/internal/schema/refreshes'
import type { Series } from './comparison.ts'

/** The runs of a view's definition that ended from one moment to another, by the database's clock. */
export async function viewRefreshesOf(pool: pg.Pool, target: string, from: string, until: string): Promise<Series> {
  const refreshes = await refreshesBetween(pool, target, from, until)
  return { unit: 'ms', samples: refreshes.map(({ at, milliseconds }) => ({ at, value: milliseconds })) }
}
