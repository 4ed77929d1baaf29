import type pg from 'pg'
import { cpuSeconds } from '../cpu.ts'

const table = 'bench_ceiling'

const columns = `
  order_id, customer_id, number, created_at, status, status_label, total_cents, item_count, preview_image_url, last_update`

// The shop's handlers of a backlog, written as sets: of each order the first event, the last one, and the last one with
// an amount. Aggregates without an order of their own take the rows as the page gives them, by position, and so spare a
// sort for each order; of the forms that were tried (ordered aggregates, joins of the page with itself, one aggregate a
// column) this one needs the least CPU.
const procedure = `
  create procedure bench_apply(page_size bigint) language plpgsql as $body$
  declare
    last bigint := 0;
    moved bigint;
  begin
    loop
      with page as (
        select position, type, substr(aggregate, 7)::bigint as order_id, payload
        from trifold.outbox
        where position > last
        order by position
        limit page_size
      ), steps as materialized (
        select
          order_id,
          max(position) as last_position,
          (array_agg(payload) filter (where type = 'OrderPlaced'))[1] as placed,
          array_agg(payload) as payloads,
          array_agg(payload) filter (where type in ('OrderPlaced', 'OrderConfirmed')) as amounts
        from page
        group by order_id
      ), folded as materialized (
        select
          order_id,
          last_position,
          placed,
          payloads[cardinality(payloads)] as latest,
          (amounts[cardinality(amounts)] ->> 'totalCents')::bigint as total_cents
        from steps
      ), sets as (
        insert into ${table} (${columns})
        select
          order_id, placed."customerId", placed.number, placed."createdAt", latest.status, latest."statusLabel",
          total_cents, placed."itemCount", placed."previewImageUrl", latest."lastUpdate"
        from folded
        cross join lateral json_to_record(folded.placed)
          as placed ("customerId" bigint, number text, "createdAt" timestamptz, "itemCount" bigint, "previewImageUrl" text)
        cross join lateral json_to_record(folded.latest)
          as latest (status text, "statusLabel" text, "lastUpdate" timestamptz)
        where folded.placed is not null
        on conflict (order_id) do update
        set
          customer_id = excluded.customer_id,
          number = excluded.number,
          created_at = excluded.created_at,
          status = excluded.status,
          status_label = excluded.status_label,
          total_cents = excluded.total_cents,
          item_count = excluded.item_count,
          preview_image_url = excluded.preview_image_url,
          last_update = excluded.last_update
      ), patches as (
        update ${table} as target
        set
          status = latest.status,
          status_label = latest."statusLabel",
          total_cents = coalesce(folded.total_cents, target.total_cents),
          last_update = latest."lastUpdate"
        from folded
        cross join lateral json_to_record(folded.latest)
          as latest (status text, "statusLabel" text, "lastUpdate" timestamptz)
        where folded.placed is null
          and target.order_id = folded.order_id
      ), cursor as (
        update bench_cursor
        set position = (select max(last_position) from folded), version = version + 1
        where position = last
          and exists (select from folded)
        returning position
      )
      select position into moved from cursor;
      exit when moved is null;
      last := moved;
      commit;
    end loop;
  end
  $body$`

/** The ceiling of the table's backlog: the same rows by one procedure inside of the server, a commit a page, no client. */
export interface Ceiling {
  /** @returns wall and CPU seconds of the backend */
  run(pageSize: number): Promise<{ seconds: number; cpu: number }>
  /** Rows that differ between its table and `relation`, either way. */
  differences(relation: string): Promise<number>
}

/**
 * @param like the relation whose columns, key and storage it copies
 * @param settings of its session
 */
export async function createCeiling(pool: pg.Pool, like: string, settings: Record<string, string>): Promise<Ceiling> {
  await pool.query(`
    create table ${table} (like ${like} including all);
    alter table ${table} set (fillfactor = 70);
    create table bench_cursor (position bigint not null, version bigint not null) with (fillfactor = 50)`)
  await pool.query(procedure)
  return {
    async run(pageSize) {
      await pool.query(`truncate ${table}, bench_cursor; insert into bench_cursor values (0, 0); checkpoint`)
      return inSession(pool, settings, async (client, pid) => {
        const used = await cpuSeconds(pid)
        const began = performance.now()
        await client.query('call bench_apply($1)', [pageSize])
        return { seconds: (performance.now() - began) / 1000, cpu: (await cpuSeconds(pid)) - used }
      })
    },
    async differences(relation) {
      const { rows } = await pool.query(`
        select
          (select count(*) from (select * from ${table} except all select * from ${relation}) as missing)
          + (select count(*) from (select * from ${relation} except all select * from ${table}) as surplus) as count`)
      return Number(rows[0].count)
    },
  }
}

async function inSession<Result>(
  pool: pg.Pool,
  settings: Record<string, string>,
  work: (client: pg.PoolClient, pid: number) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect()
  try {
    for (const [name, value] of Object.entries(settings)) await client.query(`set ${name} = ${value}`)
    const { rows } = await client.query('select pg_backend_pid() as pid')
    return await work(client, rows[0].pid)
  } finally {
    client.release(true)
  }
}
