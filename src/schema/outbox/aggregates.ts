import type pg from 'pg'

/** The aggregates of events, by their positions. */
export async function readAggregates(
  client: pg.ClientBase,
  positions: readonly number[],
): Promise<Map<number, string>> {
  const { rows } = await client.query(
    'select position, aggregate from trifold.outbox where position = any ($1::bigint[])',
    [positions],
  )
  return new Map(rows.map(({ position, aggregate }) => [Number(position), aggregate as string]))
}
