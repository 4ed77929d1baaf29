import type pg from 'pg'

/** Numbers and positions as the definition of windows has them, by a plain query over the whole log. */
export async function numberedPositions(client: pg.Pool): Promise<{ ordinal: number; position: number }[]> {
  const { rows } = await client.query(`
    select
      step.first_ordinal + row_number() over (partition by step.id order by position) - 1 as ordinal,
      position
    from trifold.windows as step
    join trifold.windows as previous on previous.id = step.id - 1
    join trifold.outbox
      on outbox.era = step.era
      and pg_visible_in_snapshot(xid, step.snapshot)
      and not pg_visible_in_snapshot(xid, previous.snapshot)
    order by ordinal`)
  return rows.map((row) => ({ ordinal: Number(row.ordinal), position: Number(row.position) }))
}
