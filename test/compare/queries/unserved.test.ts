import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Answerer, QueryFigures } from '../../../packages/compare/src/comparison.ts'
import { unservedPages } from '../../../packages/compare/src/queries/unserved.ts'
import { openPool } from '../../../src/database.ts'
import { describeDefinition } from '../../../src/definition.ts'
import type { Find, ReadRelation } from '../../../src/query.ts'
import { createDatabase, type TestDatabase } from '../../support/database.ts'

let database: TestDatabase
let pool: pg.Pool
let relations: Map<Answerer, ReadRelation>
beforeAll(async () => {
  database = await createDatabase({ migrated: false })
  pool = openPool(database.url, { name: 'test' })
  await pool.query(`
    create table things as select n as id, n * 7919 % 20000 as size from generate_series(1, 20000) as n;
    create unique index on things (id);
    create table things_by_size as table things;
    create unique index on things_by_size (id);
    create index on things_by_size (size, id);
    analyze things, things_by_size;
  `)
  const folder = await mkdtemp(join(tmpdir(), 'trifold-unserved-'))
  await writeFile(join(folder, 'things_v01.sql'), 'select * from public.things')
  const client = await pool.connect()
  const definition = await describeDefinition(client, folder, 'things', { key: ['id'], notNull: ['size'] })
  client.release()
  await rm(folder, { recursive: true })
  relations = new Map([
    ['table', { relation: 'public.things_by_size', definition, target: 'things@table' }],
    ['view', { relation: 'public.things', definition, target: 'things@view' }],
  ])
})
afterAll(async () => {
  await pool.end()
  await database.close()
})

const asked = (find: Find, milliseconds: number): QueryFigures => ({
  name: 'the smallest',
  request: { find },
  named: true,
  answers: (['table', 'view'] as const).map((by) => ({
    by,
    latency: { unit: 'ms', samples: [{ at: 0, value: milliseconds }] },
    rows: 10,
    equal: true,
  })),
  plan: { indexes: [], scans: [] },
  index: undefined,
})
const remarks = (find: Find, milliseconds: number) =>
  unservedPages(pool, 'things', relations, [asked(find, milliseconds)])

it('says of a slow page which target reads all rows for it', async () => {
  expect(await remarks({ sort: 'size', limit: 10 }, 50)).toEqual([
    'For “the smallest” the view reads all its rows, because no index that is declared serves it: declare one ' +
      '(`indexes` of things) and compare again.',
  ])
})

it('says nothing of a page that is fast all the same, or that an index serves', async () => {
  expect(await remarks({ sort: 'size', limit: 10 }, 5)).toEqual([])
  expect(await remarks({ limit: 10 }, 50)).toEqual([])
})
