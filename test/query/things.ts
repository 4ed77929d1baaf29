// The same rows in a real table and in a real index of three shards.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { openPool } from '../../src/database.ts'
import { columnList } from '../../src/definition/rows.ts'
import { type Definition, describeDefinition } from '../../src/definition.ts'
import type { Row, Value } from '../../src/encoding.ts'
import { indexBody, indexColumns, visibleDocuments } from '../../src/materializers/search/mapping.ts'
import { documentFields } from '../../src/query/search/fields.ts'
import type { ReadIndex } from '../../src/query/search.ts'
import type { ReadRelation } from '../../src/query.ts'
import { searchedColumns } from '../../src/read-model/text-column.ts'
import { createDatabase } from '../support/database.ts'
import type { TestSearch } from '../support/search.ts'
import { createThings, thingsModel } from './catalog.ts'

export interface Things {
  pool: pg.Pool
  definition: Definition
  relation: ReadRelation
  close(): Promise<void>
}

/** A database with the rows in `public.things`. */
export async function createThingsTable(rows: readonly Row[]): Promise<Things> {
  const database = await createDatabase({ migrated: false })
  const pool = openPool(database.url, { name: 'test' })
  await pool.query(createThings)
  const definition = await describeThings(pool)
  await insertThings(pool, definition, rows)
  return {
    pool,
    definition,
    relation: { relation: 'public.things', definition, target: 'things@table', fullTextTargets: ['things@search'] },
    async close() {
      await pool.end()
      await database.close()
    },
  }
}

async function describeThings(pool: pg.Pool): Promise<Definition> {
  const folder = await mkdtemp(join(tmpdir(), 'trifold-things-'))
  await writeFile(join(folder, 'things_v01.sql'), 'select * from public.things')
  const client = await pool.connect()
  try {
    return await describeDefinition(client, folder, 'things', thingsModel)
  } finally {
    client.release()
    await rm(folder, { recursive: true })
  }
}

/** Inserts rows into `public.things`. */
export async function insertThings(pool: pg.Pool, definition: Definition, rows: readonly Row[]): Promise<void> {
  for (let from = 0; from < rows.length; from += 1_000) await insert(pool, definition, rows.slice(from, from + 1_000))
}

async function insert(pool: pg.Pool, definition: Definition, rows: readonly Row[]): Promise<void> {
  const parameters: (string | null)[] = []
  const tuples = rows.map((row) => {
    const places = definition.columns.map(({ name, encoding }) => {
      const value = row[name] ?? null
      return `$${parameters.push(value === null ? null : encoding.text(encoding.canonical(value)))}`
    })
    return `(${places.join(', ')})`
  })
  await pool.query(`insert into public.things (${columnList(definition)}) values ${tuples.join(', ')}`, parameters)
}

/** An index with the rows, and a tombstone, behind an alias that hides it. */
export async function createThingsIndex(
  search: TestSearch,
  definition: Definition,
  rows: readonly Row[],
): Promise<ReadIndex> {
  const [index, alias] = [`${search.prefix}things-g1`, `${search.prefix}things`]
  const body = {
    ...indexBody(indexColumns(definition), { text: searchedColumns({ text: ['name', 'status'] }), shards: 3 }),
    aliases: { [alias]: { filter: visibleDocuments } },
  }
  await search.client.indices.create({ index, body: body as never })
  const tombstone = { region: 'north', id: 7, name: 'deleted', status: 'new', _ordinal: 1, _deleted: true }
  const documents = [...rows.map((row, place) => documentOf(definition, row, place)), tombstone]
  // Ids of their own: they decide the shard, and each shard scores by its own rows.
  const operations = documents.flatMap((document, place) => [{ index: { _id: `thing-${place}` } }, document])
  const { body: answer } = await search.client.bulk({ index, refresh: true, body: operations as never })
  if (answer.errors) throw new Error(`the rows could not be indexed: ${JSON.stringify(answer.items).slice(0, 2_000)}`)
  return {
    index: alias,
    definition,
    target: 'things@search',
    text: searchedColumns({ text: ['name', 'status'] }),
    alternatives: ['things@table'],
  }
}

/** Missing values are left out in every second row and null in the others. */
export function documentOf({ columns }: Definition, row: Row, place: number): object {
  const known = columns.filter(({ name }) => name in row && (row[name] !== null || place % 2 === 0))
  const canonical = known.map(({ name, encoding }): [string, Value] => {
    const value = row[name] as Value
    return [name, value === null ? null : encoding.canonical(value)]
  })
  return { ...documentFields(columns, Object.fromEntries(canonical)), _ordinal: place + 1 }
}
