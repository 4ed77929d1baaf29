import type { Executor } from '../../executor.ts'
import { eraNonce, type TransactionFacts } from '../era.ts'

// One JSON parameter, so that every driver and ORM binds it alike. `with ordinality` keeps the order of the list:
// positions are allocated in it. The era is read once, from its sequence, outside of the caller's snapshot. There is no
// `returning`: it would need the right to read the outbox.
const appendStatement = `
  with era as materialized (
    select last_value
    from trifold.era
  ), appended as (
    insert into trifold.outbox (era, id, type, aggregate, payload, trace)
    select
      era.last_value,
      coalesce((event.value ->> 'id')::uuid, gen_random_uuid()),
      event.value ->> 'type',
      event.value ->> 'aggregate',
      event.value -> 'payload',
      event.value ->> 'trace'
    from era
    cross join json_array_elements($1::json) with ordinality as event (value, place)
    order by event.place
  )
  select
    last_value::text as era,
    ${eraNonce} as nonce,
    pg_current_xact_id()::text as xid
  from era`

/** Inserts events in their order. @returns the era, and the id of the caller's transaction */
export async function insertEvents(executor: Executor, events: readonly unknown[]): Promise<TransactionFacts> {
  const { rows } = await executor.query(appendStatement, [JSON.stringify(events)])
  return rows[0] as TransactionFacts
}
