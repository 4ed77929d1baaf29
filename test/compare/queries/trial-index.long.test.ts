import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { QueryRequest } from '../../../packages/compare/src/comparison.ts'
import { DefinitionAnswers } from '../../../packages/compare/src/queries/answerers.ts'
import { readPlan } from '../../../packages/compare/src/queries/plan.ts'
import { bestIndex, isWorthIt } from '../../../packages/compare/src/queries/trial-index.ts'
import { openClient } from '../../../src/database.ts'
import { describeDefinition } from '../../../src/definition.ts'
import { createDatabase, type TestDatabase } from '../../support/database.ts'

const rows = 200_000

/** Half of the tickets are open; few have a priority; the names of one table and column have to be quoted. */
const schema = `
  create table public."order" (
    id integer primary key,
    status text not null,
    status_id integer not null,
    "when" timestamptz(3) not null,
    priority integer
  ) with (autovacuum_enabled = off);
  insert into public."order"
  select n, case n % 2 when 0 then 'open' else 'closed' end, n % 3, timestamptz '2026-01-01' + (n * 7919 % ${rows}) * interval '1 minute',
    case when n % 1000 = 0 then n % 7 end
  from generate_series(1, ${rows}) as n;
  create index order_status on public."order" (status_id);
  analyze public."order";
`

let database: TestDatabase
let definition: DefinitionAnswers
beforeAll(async () => {
  database = await createDatabase({ migrated: false })
  await database.pool.query(schema)
  const folder = await mkdtemp(join(tmpdir(), 'trifold-trial-'))
  await writeFile(join(folder, 'tickets_v01.sql'), 'select * from public."order"')
  const client = await openClient(database.url, { name: 'test' })
  const model = { key: ['id'], notNull: ['status', 'status_id', 'when'] }
  const described = await describeDefinition(client, folder, 'tickets', model)
  definition = await DefinitionAnswers.open(database.url, described, undefined)
  await client.end()
  await rm(folder, { recursive: true })
})
afterAll(async () => {
  await definition.close()
  await database.close()
})

const indexes = async () =>
  (await database.pool.query(`select indexname from pg_indexes where tablename = 'order'`)).rows

/** Where other work on the machine spoils the measurement no index is named: then it is measured again. */
async function best(request: QueryRequest): Promise<string | undefined> {
  const plan = await readPlan(definition.client, definition.statement(request))
  for (let attempt = 0; attempt < 3; attempt++) {
    const trial = await bestIndex(definition, request, plan, [60_000], 0, new AbortController().signal)
    if (trial) return trial.statement
  }
  return undefined
}

describe('the best index for a query of the definition', () => {
  it.each<[string, QueryRequest, string | undefined]>([
    [
      'has the columns of equality first, then those of the order',
      { find: { where: { status: 'open' }, sort: '-when', limit: 20 } },
      'create index on public."order" (status, "when" DESC, id DESC)',
    ],
    [
      'has the column of a range behind those of equality',
      { find: { where: { when: { lt: '2026-01-01T02:00:00Z' }, status: 'open' }, sort: 'priority', limit: 20 } },
      'create index on public."order" (status, "when")',
    ],
    [
      'has the order alone where all rows are wanted, with the place of rows without a value',
      { find: { sort: '-priority', limit: 20 } },
      'create index on public."order" (priority DESC NULLS LAST, id DESC)',
    ],
    [
      'adds the order to what an index finds already',
      { find: { where: { status_id: 1 }, sort: '-when', limit: 20 } },
      'create index on public."order" (status_id, "when" DESC, id DESC)',
    ],
    [
      'orders text as the query does',
      { find: { sort: ['status', '-when'], limit: 20 } },
      'create index on public."order" (status COLLATE "C", "when" DESC, id DESC)',
    ],
    ['does not exist where every row has to be read', { summarize: { sum: 'priority' } }, undefined],
  ])('%s', async (_, request, statement) => {
    const before = await indexes()
    expect(await best(request)).toBe(statement)
    expect(await indexes()).toEqual(before)
  })

  it('is none where a transaction that writes stands in the way', async () => {
    const holder = await database.pool.connect()
    await holder.query('begin; lock table public."order" in row exclusive mode')
    expect(await best({ find: { sort: '-priority', limit: 20 } })).toBeUndefined()
    await holder.query('rollback')
    holder.release()
  })
})

describe('an index', () => {
  const around = (middle: number, spread: number) => [-1, -0.5, 0, 0.5, 1].map((i) => middle + i * spread)

  it.each([
    ['that gains a fifth is worth it', around(8, 0.1), around(10, 0.1), true],
    ['that gains less is not', around(9, 0.1), around(10, 0.1), false],
    ['that gains less than the samples lie apart is not', around(7, 5), around(10, 5), false],
  ])('%s', (_, latency, before, worth) => {
    expect(isWorthIt(latency, before)).toBe(worth)
  })
})
