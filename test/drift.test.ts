import { expect, test } from 'vitest'
import type { Definition } from '../src/definition.ts'
import { newerDefinition } from '../src/drift.ts'
import { encodingOf } from '../src/encoding/catalog.ts'
import type { Generation } from '../src/schema/generations.ts'

const oids = { bigint: 20, integer: 23, text: 25 }

const definition = (columns: Record<string, keyof typeof oids>, version = 1): Definition => {
  const described = Object.entries(columns).map(([name, type]) => ({
    name,
    encoding: encodingOf({ oid: oids[type] }) as NonNullable<ReturnType<typeof encodingOf>>,
    notNull: name === 'id',
  }))
  return {
    readModel: 'orders',
    version,
    file: `orders_v0${version}.sql`,
    sql: '',
    hash: 'h',
    columns: described,
    key: described.slice(0, 1),
    timeZone: 'UTC',
  }
}

const generation = {
  target: 'orders@table',
  definitionVersion: 1,
  definitionHash: 'h',
  columns: [
    { name: 'id', type: 'bigint', notNull: true },
    { name: 'total', type: 'integer', notNull: false },
    { name: 'note', type: 'text', notNull: false },
  ],
} as Generation

test('the same columns in another order agree', () => {
  expect(newerDefinition(generation, definition({ id: 'bigint', note: 'text', total: 'integer' }))).toBeUndefined()
})

test('a newer version is named', () => {
  expect(newerDefinition(generation, definition({ id: 'bigint' }, 2))).toBe('definition v02')
})

test('a promise of the configuration is a rebuild, and no drift of a table', () => {
  const columns = generation.columns.map((column) => ({ ...column, notNull: true }))
  const now = definition({ id: 'bigint', total: 'integer', note: 'text' })
  expect(newerDefinition({ ...generation, columns }, now)).toBe('what the columns promise (NOT NULL)')
})

test('every difference is shown', () => {
  expect(() => newerDefinition(generation, definition({ id: 'bigint', total: 'bigint', status: 'text' }))).toThrow(
    '(+ status text; - note text; total integer → bigint)',
  )
})
