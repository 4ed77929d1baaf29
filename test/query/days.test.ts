import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Definition } from '../../src/definition.ts'
import { startOfDay } from '../../src/query/day.ts'
import { planFind } from '../../src/query/plan.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { createThingsTable, type Things } from './things.ts'

const seed = Number(process.env.TRIFOLD_TEST_SEED ?? Date.now() % 2 ** 31)

let database: TestDatabase
let client: pg.Client
let things: Things

beforeAll(async () => {
  process.stderr.write(`test/query/days: TRIFOLD_TEST_SEED=${seed}\n`)
  things = await createThingsTable([])
  database = await createDatabase({ migrated: false })
  client = new pg.Client(database.url)
  await client.connect()
  await client.query(`set time zone 'UTC'`)
})

afterAll(async () => {
  await client?.end()
  await database?.close()
  await things?.close()
})

test.each([
  ['2026-01-01', 'UTC', '2026-01-01T00:00:00.000000Z'],
  ['2026-01-01', 'Europe/Vienna', '2025-12-31T23:00:00.000000Z'],
  ['2026-07-01', 'Europe/Vienna', '2026-06-30T22:00:00.000000Z'],
  ['2026-03-29', 'Europe/Vienna', '2026-03-28T23:00:00.000000Z'],
  ['2026-01-01', 'Asia/Kathmandu', '2025-12-31T18:15:00.000000Z'],
  ['2026-01-01', 'Pacific/Kiritimati', '2025-12-31T10:00:00.000000Z'],
  ['2026-01-01', 'Pacific/Pago_Pago', '2026-01-01T11:00:00.000000Z'],
])('%s in %s begins at %s', (day, zone, instant) => expect(startOfDay(day, zone)).toBe(instant))

test.each([
  ['a day that begins with a leap of the clock begins with the leap', '2018-11-04', 'America/Sao_Paulo', '03:00'],
  ['a day that is left out begins with the leap, like the day behind it', '2011-12-30', 'Pacific/Apia', '10:00'],
  ['a day whose first hour comes twice begins with the first', '2025-11-02', 'America/Havana', '04:00'],
])('%s', (_, day, zone, time) => expect(startOfDay(day, zone)).toBe(`${day}T${time}:00.000000Z`))

// PostgreSQL has its own copy of the time zones. Where midnight comes twice it takes the second, so the day's first
// instant is the first at which the clocks of the zone show the day.
test(`days begin as in PostgreSQL's calendar (seed ${seed})`, async () => {
  const zones = Intl.supportedValuesOf('timeZone')
  const { rows: known } = await client.query(`select name from pg_timezone_names where name = any($1)`, [zones])
  // What is known of the future changes with every release of either copy.
  const date = fc.date({ min: new Date('2000-01-01'), max: new Date('2024-01-01'), noInvalidDate: true })
  const cases = fc.sample(fc.tuple(date, fc.constantFrom(...known.map(({ name }) => name as string))), {
    seed,
    numRuns: 2_000,
  })
  const asked = cases.map(([at, zone]) => ({ day: at.toISOString().slice(0, 10), zone }))
  const { rows } = await client.query(
    `select
      day,
      zone,
      to_char(((instant - interval '1 microsecond') at time zone zone), 'YYYY-MM-DD') as before,
      to_char(instant at time zone zone, 'YYYY-MM-DD') as shown
    from unnest($1::text[], $2::text[], $3::timestamptz[]) as asked (day, zone, instant)`,
    [asked.map(({ day }) => day), asked.map(({ zone }) => zone), asked.map(({ day, zone }) => startOfDay(day, zone))],
  )
  expect(rows).toHaveLength(2_000)
  for (const { day, zone, before, shown } of rows) expect(before < day && shown >= day, `${day} in ${zone}`).toBe(true)
})

const valueIn = (timeZone: string, where: object): unknown => {
  const definition: Definition = { ...things.definition, timeZone }
  return (planFind({ definition }, { where }).conditions[0] as { value?: unknown }).value
}

test.each(['gt', 'gte', 'lt', 'lte'])('a day as `%s` of an instant is its first instant in the zone', (operator) => {
  const day = { [operator]: '2026-01-01' }
  expect(valueIn('UTC', { changed_at: day })).toBe('2026-01-01T00:00:00.000000Z')
  expect(valueIn('Europe/Vienna', { changed_at: day })).toBe('2025-12-31T23:00:00.000000Z')
  expect(valueIn('Europe/Vienna', { seen: day })).toBe('2026-01-01T00:00:00.000000')
  expect(valueIn('Europe/Vienna', { day })).toBe('2026-01-01')
})

test.each([{ changed_at: '2026-01-01' }, { changed_at: { ne: '2026-01-01' } }, { changed_at: { in: ['2026-01-01'] } }])(
  'a day is no instant to be equal to: %j',
  (where) =>
    expect(() => planFind(things, { where })).toThrow(
      'is not an instant with its offset (ISO 8601); a day is { gte: the day, lt: the day after }',
    ),
)

test.each(['2026-02-29', '2026-13-01', '2026-00-10', '0000-01-01'])('the day %s does not exist', (day) => {
  for (const column of ['changed_at', 'seen', 'day'])
    expect(() => planFind(things, { where: { [column]: { gte: day } } })).toThrow(
      expect.objectContaining({ code: 'QUERY_INVALID' }),
    )
})
