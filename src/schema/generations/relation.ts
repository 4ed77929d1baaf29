import type pg from 'pg'
import { qualified, sizeUnlessLocked } from '../../sql.ts'
import type { Generation } from './generation.ts'

/**
 * An SQL expression: what hands have done to the relation `class` of a generation, so that it does not hold what was built;
 * null if nothing was. A definition's own relations are compared elsewhere (`definition/resolution.ts`).
 */
const damage = `
    case
      when class.oid is null then 'is missing'
      when not class.relispopulated then 'holds no rows, because it was refreshed WITH NO DATA'
      when facts.lost is not null then 'has lost its column ' || facts.lost
      when facts.added is not null then 'was given the column ' || facts.added
      when not facts.keyed then 'has lost the unique index of its key'
      when facts.trigger is not null then 'was given the trigger ' || facts.trigger
      when facts.rule is not null then 'was given the rule ' || facts.rule
    end`

const damageFacts = `
  left join lateral (
    select
      (
        select string_agg(wanted.name, ', ')
        from jsonb_to_recordset(generation.columns) as wanted (name text)
        where not exists (
          select
          from pg_attribute
          where attrelid = class.oid
            and attname = wanted.name
            and not attisdropped
        )
      ) as lost,
      (
        select string_agg(attname, ', ')
        from pg_attribute
        where attrelid = class.oid
          and attnum > 0
          and not attisdropped
          and attname not in (select name from jsonb_to_recordset(generation.columns) as wanted (name text))
      ) as added,
      exists (select from pg_index where indrelid = class.oid and indisunique and indisvalid) as keyed,
      (select string_agg(tgname, ', ') from pg_trigger where tgrelid = class.oid and not tgisinternal) as trigger,
      (select string_agg(rulename, ', ') from pg_rewrite where ev_class = class.oid and rulename <> '_RETURN') as rule
  ) as facts on true`

/** The rows as they were counted when the definition ran last; if nobody counts them, PostgreSQL's own estimate. */
const relationStatement = `
  select
    ${damage} as damage,
    case when $3::boolean then generation.row_count else nullif(class.reltuples::bigint, -1) end::text as rows,
    ${sizeUnlessLocked('class.oid')}::text as bytes
  from trifold.generations as generation
  left join pg_class as class on class.oid = to_regclass($2)${damageFacts}
  where generation.id = $1`

/**
 * What was done to the relation of a generation by hand (after its name: `is missing`), its rows and its bytes, which are
 * unknown while it is locked.
 *
 * @param counted whether the rows are those that the last run of the definition counted
 */
export async function readRelation(
  client: Pick<pg.ClientBase, 'query'>,
  { id, storage }: Pick<Generation, 'id' | 'storage'>,
  counted: boolean,
): Promise<{ damage: string | undefined; rows: number | undefined; sizeBytes: number | undefined }> {
  const { rows } = await client.query(relationStatement, [id, qualified('trifold', storage), counted])
  const row = rows[0] as Record<'damage' | 'rows' | 'bytes', string | null>
  return {
    damage: row.damage ?? undefined,
    rows: row.rows === null ? undefined : Number(row.rows),
    sizeBytes: row.bytes === null ? undefined : Number(row.bytes),
  }
}
