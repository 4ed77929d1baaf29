import type pg from 'pg'

/** Numbers and positions as the definition of windows has them, by a plain query over the whole log. */
export async function numberedPositions(client: pg.Pool): Promise<{ number: number; position: number }[]> {
  const { rows } = await client.query(`
    select
      step.first_number + row_number() over (partition by step.id order by position) - 1 as number,
      position
    from trifold.windows as step
    join trifold.windows as previous on previous.id = step.id - 1
    join trifold.outbox
      on outbox.era = step.era
      and pg_visible_in_snapshot(xid, step.snapshot)
      and not pg_visible_in_snapshot(xid, previous.snapshot)
    order by number`)
  return rows.map((row) => ({ number: Number(row.number), position: Number(row.position) }))
}
