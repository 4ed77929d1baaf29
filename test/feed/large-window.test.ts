import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openClient } from '../../src/database.ts'
import { tick } from '../../src/feed/tick.ts'
import { feedSettings } from '../../src/feed.ts'
import { readLargeWindow } from '../../src/schema/outbox/large-window.ts'
import type { OutboxRow } from '../../src/schema/outbox/rows.ts'
import { readSmallWindows } from '../../src/schema/outbox/small-windows.ts'
import type { Window } from '../../src/schema/windows.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { Random } from './random.ts'

const events = 400
const random = new Random(7)

let database: TestDatabase
let client: pg.Client
let previous: Window
let window: Window
/** As the other statement reads it, row by row. */
let rows: OutboxRow[]

beforeAll(async () => {
  database = await createDatabase()
  client = await openClient(database.url, { name: 'reader', settings: feedSettings })
  const held = await openClient(database.url, { name: 'held' })
  await held.query('begin')
  await appendSome(held, events / 4)
  await appendSome(database.pool, 1)
  previous = (await tick(client, { evenIfEmpty: true })).window
  const { rows: own } = await held.query('select pg_current_xact_id() as xid')
  expect([...previous.snapshot.xip]).toContain(Number(own[0].xid)) // others are those of other databases
  for (let time = 0; time < 3; time++) await appendSome(database.pool, events / 4)
  await held.query('commit')
  await held.end()
  const { window: found } = await tick(client)
  window = { ...found, floor: 1, ceiling: Number.MAX_SAFE_INTEGER }
  rows = (await readSmallWindows(client, previous, [window]))[0] as OutboxRow[]
  expect(rows).toHaveLength(events)
})

afterAll(async () => {
  await client?.end()
  await database?.close()
})

/** In one transaction, with gaps between the positions. */
async function appendSome(writer: pg.Pool | pg.ClientBase, count: number): Promise<void> {
  const payloads = Array.from({ length: count }, () => jsonText(3))
  const types = payloads.map(() => anyText().replaceAll('\0', ''))
  await writer.query(
    `insert into trifold.outbox (position, era, type, aggregate, payload)
    select setval('trifold.outbox_position', nextval('trifold.outbox_position') + (place * 7) % 90), 1, type, 'any', payload::json
    from unnest($1::text[], $2::text[]) with ordinality as given (type, payload, place)`,
    [types, payloads],
  )
}

const characters = [...'aZ,;:"\'\\[]{}\0\x01\x1e\x1f\x7f\t\n\r \u2028é語🙂']
const blanks = ['', '', ' ', '\n', '\r\n', '\t']

const anyText = (): string => Array.from({ length: random.between(1, 6) }, () => random.pick(characters)).join('')

const blank = (): string => random.pick(blanks)

/** JSON as nobody's writer leaves it: blanks, names that occur twice, escapes, numbers that no double holds. */
function jsonText(depth: number): string {
  const inner = () => `${blank()}${jsonText(depth - 1)}${blank()}`
  const items = (one: () => string) => Array.from({ length: random.between(0, 3) }, one).join(',')
  const kind = depth === 0 ? 'leaf' : random.pick(['leaf', 'list', 'object', 'object'] as const)
  if (kind === 'list') return `[${blank()}${items(inner)}]`
  if (kind === 'object')
    return `{${blank()}${items(() => `${blank()}${JSON.stringify(anyText())}${blank()}:${inner()}`)}}`
  return random.pick([
    'null',
    '-0',
    '1.10',
    '12345678901234567890',
    '1e400',
    '"\\u0000\\ud800"',
    JSON.stringify(anyText()),
  ])
}

/** All rows, read in parts of random sizes. */
async function readParts(reader: pg.ClientBase): Promise<OutboxRow[]> {
  const found: OutboxRow[] = []
  for (;;) {
    const limit = random.between(1, 150)
    const part = await readLargeWindow(reader, previous.snapshot, window, found.at(-1)?.position ?? 0, limit)
    found.push(...part)
    if (part.length < limit || found.length > events) return found
  }
}

test('reads every row exactly as it is stored, in order of position', async () => {
  for (let time = 0; time < 5; time++) expect(await readParts(client)).toEqual(rows)
  expect(await readLargeWindow(client, previous.snapshot, window, Number.MAX_SAFE_INTEGER, 10)).toEqual([])
})

/** A reader whose statement and answer are changed. */
function changed(statement: [from: string, to: string], answer: (text: string) => string): pg.ClientBase {
  const query = async (given: pg.QueryArrayConfig) => {
    const text = given.text.replace(...statement)
    const result = await client.query({ text, values: given.values as unknown[], rowMode: 'array' })
    return { rows: result.rows.map((row) => [...row.slice(0, 3), answer(row[3])]) }
  }
  return { query } as unknown as pg.ClientBase
}

test.each<[string, [from: string, to: string], (text: string) => string]>([
  ['puts a line break between payloads', ['chr(30)', 'chr(10)'], (text) => text.replaceAll('\n', '\x1e')],
  ['puts a comma between payloads', ['chr(30)', 'chr(44)'], (text) => text.replaceAll(',', '\x1e')],
  ['quotes types without escapes', ['json_agg(type)', `'["' || string_agg(type, '","') || '"]'`], (text) => text],
  ['leaves jsonb of the payloads', ['string_agg(payload,', 'string_agg(payload::jsonb::text,'], (text) => text],
])('catches a design that %s', async (_, statement, answer) => {
  const found = await readParts(changed(statement, answer)).catch(({ message }: Error) => message)
  expect(found).not.toEqual(rows)
})
