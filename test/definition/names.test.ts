import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeDefinition } from '../../src/definition.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
let folder: string

beforeAll(async () => {
  database = await createDatabase({ migrated: false })
  folder = await mkdtemp(join(tmpdir(), 'trifold-names-'))
})

afterAll(async () => {
  await database?.close()
  if (folder) await rm(folder, { recursive: true })
})

test.each([
  ['a name that is given twice', 'select 1 as id, 2 as id', 'two columns named id'],
  ['an underscore in front', 'select 1 as id, 2 as _id', 'column _id of .* begins with "_"'],
  [
    'a property of every object',
    'select 1 as id, 2 as "constructor"',
    'column constructor of .* every JavaScript object',
  ],
  ['a method of every object', 'select 1 as id, 2 as "toString"', 'column toString of .* every JavaScript object'],
  ['a key that is an array', 'select array[1] as id', 'key column id of .* is integer\\[\\], which cannot be a key'],
  ['a key that is a document', `select '{}'::jsonb as id`, 'key column id of .* is jsonb, which cannot be a key'],
  ['a key that is no column', 'select 1 as other', 'no column id, which `key` or `notNull` names'],
])('a definition is refused for %s', async (_, select, message) => {
  await writeFile(join(folder, 'named_v01.sql'), select)
  const client = await database.pool.connect()
  try {
    const described = describeDefinition(client, folder, 'named', { key: ['id'] } as never)
    await expect(described).rejects.toThrow(new RegExp(message))
  } finally {
    client.release()
  }
})
