import { afterAll, beforeAll, expect, it } from 'vitest'
import { encodingOf } from '../../src/encoding/catalog.ts'
import { shownTypes, withTypes } from '../../tools/types-table.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { textOf } from './repository.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase({ migrated: false })
})

afterAll(() => database?.close())

it('shows each type as the code has it (`npm run docs:types` writes the table)', () => {
  const page = textOf('docs/types.md')
  expect(page).toBe(withTypes(page))
})

it('shows every type of PostgreSQL that is supported, and no other', async () => {
  const { rows } = await database.pool.query<{ oid: string; name: string }>(
    `select oid::text, format_type(oid, null) as name
    from pg_type
    where typtype = 'b'
      and typcategory <> 'A'`,
  )
  const supported = rows.filter(({ oid }) => encodingOf({ oid: Number(oid) })).map(({ oid }) => Number(oid))
  const shown = shownTypes.filter(({ labels, element }) => !labels && !element).map(({ oid }) => oid)
  expect(supported.sort()).toEqual([...new Set(shown)].sort())
})
