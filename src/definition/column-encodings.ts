import type pg from 'pg'
import { encodingOf, type PgType } from '../encoding/catalog.ts'
import type { Encoding } from '../encoding.ts'
import { TrifoldError } from '../errors.ts'

/**
 * The encodings of the columns that PostgreSQL describes, with domains resolved and the labels of enums read.
 *
 * @throws DEFINITION_INVALID naming every column whose type a read model cannot hold
 */
export async function encodingsOf(
  client: Pick<pg.ClientBase, 'query'>,
  file: string,
  fields: readonly pg.FieldDef[],
): Promise<Encoding[]> {
  const catalog = await catalogOf(client, fields)
  const types = fields.map((field) => typeOf(catalog, field.dataTypeID, field.dataTypeModifier))
  const encodings = types.map(encodingOf)
  const refused = fields.flatMap(({ name }, place) =>
    encodings[place] ? [] : [{ name, type: types[place]?.name ?? '' }],
  )
  if (refused.length > 0) throw unsupported(file, refused)
  return encodings as Encoding[]
}

interface CatalogType {
  name: string
  kind: string
  element: number
  base: number
  baseModifier: number
  labels: string[]
}

/** The types of the columns, and those that they are made of. */
async function catalogOf(
  client: Pick<pg.ClientBase, 'query'>,
  fields: readonly pg.FieldDef[],
): Promise<Map<number, CatalogType>> {
  const { rows } = await client.query(
    `with recursive involved as (
      select unnest($1::oid[]) as oid
      union
      select case
        when type.typtype = 'd' then type.typbasetype
        else type.typelem
      end
      from involved
      join pg_type as type on type.oid = involved.oid
      where type.typtype = 'd' or type.typcategory = 'A'
    )
    select
      type.oid::text,
      format_type(type.oid, null) as name,
      type.typtype as kind,
      case when type.typcategory = 'A' then type.typelem else 0 end::text as element,
      type.typbasetype::text as base,
      type.typtypmod::text as base_modifier,
      array_to_json(array(
        select enumlabel
        from pg_enum
        where enumtypid = type.oid
        order by enumsortorder
      ))::text as labels
    from involved
    join pg_type as type on type.oid = involved.oid`,
    [[...new Set(fields.map(({ dataTypeID }) => dataTypeID))]],
  )
  return new Map(
    rows.map((row): [number, CatalogType] => [
      Number(row.oid),
      {
        name: row.name,
        kind: row.kind,
        element: Number(row.element),
        base: Number(row.base),
        baseModifier: Number(row.base_modifier),
        labels: typeof row.labels === 'string' ? JSON.parse(row.labels) : row.labels,
      },
    ]),
  )
}

function typeOf(catalog: ReadonlyMap<number, CatalogType>, oid: number, modifier: number): PgType {
  const type = catalog.get(oid)
  if (!type) return { oid, modifier, name: `oid ${oid}` }
  const { name, kind, element, base, baseModifier, labels } = type
  if (kind === 'd') return { ...typeOf(catalog, base, baseModifier), isDomain: true }
  return {
    oid,
    modifier,
    name,
    ...(kind === 'e' && { labels }),
    ...(element > 0 && { element: typeOf(catalog, element, modifier) }),
  }
}

/** What to write in a definition in the place of a type that read models cannot hold; text for all others. */
const castOf: Record<string, string> = {
  json: 'jsonb',
  money: 'numeric',
  oid: 'bigint',
  'json[]': 'jsonb',
}

function unsupported(file: string, refused: readonly { name: string; type: string }[]): TrifoldError {
  const columns = refused.map(({ name, type }) => `${name} ${type} (${name}::${castOf[type] ?? 'text'})`).join(', ')
  return new TrifoldError(
    'DEFINITION_INVALID',
    `definition: a read model cannot hold the types of these columns of ${file}: ${columns}; cast them as shown, or leave them out`,
    { details: { columns: refused } },
  )
}
