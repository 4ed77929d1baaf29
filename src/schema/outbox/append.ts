import type { Executor } from '../../executor.ts'

// One JSON parameter, so that every driver and ORM binds it alike.
const appendStatement = 'select trifold.append($1::json) as token'

/** Inserts events in their order. @returns the commit token of the caller's transaction */
export async function insertEvents(executor: Executor, events: readonly unknown[]): Promise<string> {
  const { rows } = await executor.query(appendStatement, [JSON.stringify(events)])
  return rows[0]?.token as string
}
