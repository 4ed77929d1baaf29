// Compares targets with their definitions without the code that is tried: in PostgreSQL by EXCEPT with the text of the
// definition's file, an index by a scan over HTTP.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { marketViews } from '../support/market/context.ts'

/** Where the targets are. */
export interface Places {
  database: string
  search: string
  indexPrefix: string
}

type Source = { rows: string; values: unknown[] }

/** Says what a target has and its definition lacks, and the other way round; undefined if they are equal. */
export async function differenceOf(target: string, places: Places): Promise<string | undefined> {
  const [name, store] = target.split('@') as [string, string]
  const client = new pg.Client({ connectionString: places.database, application_name: 'chaos comparison' })
  client.on('error', () => {})
  await client.connect()
  try {
    const definition = await readFile(join(marketViews, `${name}_v01.sql`), 'utf8')
    const { fields } = await client.query(`select * from (${definition}) as definition limit 0`)
    const found = store === 'search' ? await documentsOf(name, fields, places) : relationOf(name, store)
    return await compare(client, { rows: definition, columns: fields.map((field) => field.name) }, found)
  } finally {
    await client.end()
  }
}

const relationOf = (name: string, store: string): Source => ({
  rows: `select * from public.${name}__${store}`,
  values: [],
})

/** The documents go to PostgreSQL as the text that came: no number and no time passes through JavaScript. */
async function documentsOf(name: string, fields: pg.FieldDef[], { search, indexPrefix }: Places): Promise<Source> {
  const index = `${search}/${indexPrefix}${name}`
  await answer(`${index}/_refresh`, 'POST')
  const text = await answer(`${index}/_search?size=10000&track_total_hits=true`, 'GET')
  const { hits, _shards: shards } = JSON.parse(text)
  if (hits.total.value !== hits.hits.length || shards.failed > 0) throw new Error(`the scan of ${index} is not whole`)
  const json = fields
    .filter(({ dataTypeID }) => dataTypeID === pg.types.builtins.JSONB)
    .map((field) => `'${field.name}', (hit #>> '{_source,${field.name}}')::jsonb`)
  return {
    rows: `
      select document.*
      from jsonb_array_elements($1::jsonb #> '{hits,hits}') as hit
      cross join jsonb_populate_record(
        null::public.${name}__table,
        (hit -> '_source') || jsonb_build_object(${json.join(', ')})
      ) as document`,
    values: [text],
  }
}

async function answer(url: string, method: string): Promise<string> {
  const response = await fetch(url, { method, signal: AbortSignal.timeout(20_000) })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text.slice(0, 300)}`)
  return text
}

type Defined = { rows: string; columns: string[] }

async function compare(client: pg.Client, definition: Defined, found: Source): Promise<string | undefined> {
  const columns = definition.columns.map((column) => pg.escapeIdentifier(column)).join(', ')
  const { rows } = await client.query(
    `with
      defined as materialized (select ${columns} from (${definition.rows}) as definition),
      found as materialized (select ${columns} from (${found.rows}) as target),
      missing as (select * from defined except all select * from found),
      surplus as (select * from found except all select * from defined)
    select
      (select count(*)::integer from defined) as defined,
      (select count(*)::integer from found) as found,
      (select count(*)::integer from missing) as missing,
      (select count(*)::integer from surplus) as surplus,
      (select jsonb_agg(sample) from (select * from missing limit 3) as sample) as should,
      (select jsonb_agg(sample) from (select * from surplus limit 3) as sample) as shows`,
    found.values,
  )
  const { missing, surplus, should, shows, ...counts } = rows[0]
  if (missing + surplus === 0) return undefined
  return `${missing} of ${counts.defined} rows are missing, ${surplus} of ${counts.found} are wrong: it shows ${JSON.stringify(shows)} where the definition has ${JSON.stringify(should)}`
}
