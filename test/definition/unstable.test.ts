import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openClient } from '../../src/database.ts'
import { refuseUnstable, resolveDefinition } from '../../src/definition/resolution.ts'
import type { Status } from '../../src/operator/status.ts'
import { createProject, itemConfig, type Project } from '../cli/project.ts'

let project: Project
beforeAll(async () => {
  project = await createProject()
  const { pool } = project.database
  await pool.query('create sequence public.numbers')
  await pool.query(`create function public.unmarked(integer) returns integer language sql as 'select $1'`)
  await pool.query(`create function public.marked(integer) returns integer language sql immutable as 'select $1'`)
  await pool.query(`insert into public.items values (1, 'first')`)
  await project.configure(itemConfig(project.database.url))
})
afterAll(() => project.close())

const define = (columns: string) => project.write('views/item_v01.sql', `select id, ${columns} from public.items`)

describe('a definition that depends on more than its tables', () => {
  const refused: [string, string][] = [
    ['now()::text', 'now()'],
    ['current_date', 'current_date'],
    ['current_user::text', 'current_user'],
    ['random()', 'random()'],
    ['clock_timestamp()', 'clock_timestamp()'],
    [`nextval('public.numbers')::text`, 'nextval()'],
    ['gen_random_uuid()', 'gen_random_uuid()'],
    [`'today'::date`, `'today'`],
    [`timestamptz 'now'`, `'now'`],
    ['public.unmarked(id)', 'unmarked()'],
  ]
  const allowed = [
    `timestamptz '2026-01-01 23:30-02'::date`,
    `to_char(timestamptz '2026-01-01 23:30-02', 'YYYY-MM-DD')`,
    `date_trunc('day', timestamptz '2026-01-01 23:30-02')`,
    `timestamptz '2026-01-01 23:30-02' at time zone 'Europe/Vienna'`,
    `extract(day from timestamptz '2026-01-01 23:30-02')`,
    `'now'`,
    'public.marked(id)',
    'lower(name)',
  ]

  it.each(refused)('is refused for %s', async (column, named) => {
    const client = await openClient(project.database.url, { name: 'test' })
    try {
      const { unstable } = await resolveDefinition(client, `select id, ${column} as value from public.items`)
      expect(() => refuseUnstable({ target: 'item@table', file: 'item_v01.sql' }, unstable)).toThrow(
        `item@table is fed by events, but item_v01.sql reads ${named}: no event comes when that changes`,
      )
    } finally {
      await client.end()
    }
  })

  it('is refused for a table with the reason, also by status, and not for a view', async () => {
    await define('name, now()::text as shown')
    const { code, err } = await project.cli('rebuild', '--outdated')
    expect(code).toBe(1)
    expect(err).toMatch(/item@table: definition: .* reads now\(\): .*view with a schedule.*\[DEFINITION_INVALID\]/)
    const { targets } = JSON.parse((await project.cli('status', '--json')).out) as Status
    expect(targets).toMatchObject([
      { target: 'item@table', verdict: 'red', reason: expect.stringContaining('reads now()') },
      { target: 'item@view', state: 'idle' },
    ])
  })

  it('is not one that cuts times by the zone of the session, which is UTC everywhere', async () => {
    await define(['name', ...allowed.map((column, place) => `${column} as c${place}`)].join(', '))
    expect(await project.cli('rebuild', 'item@table')).toMatchObject({ code: 0 })
    const { rows } = await project.database.pool.query('select c0::text as day, c1 as shown from item__table')
    expect(rows).toEqual([{ day: '2026-01-02', shown: '2026-01-02' }])
  })
})
