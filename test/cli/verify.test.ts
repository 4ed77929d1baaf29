import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inTransaction, openClient } from '../../src/database.ts'
import { createProject, type Project } from './project.ts'

let project: Project
beforeAll(async () => {
  project = await createProject()
  await project.database.pool.query(`insert into public.items select n, 'item ' || n from generate_series(1, 500) as n`)
  await project.cli('rebuild', '--outdated')
})
afterAll(() => project.close())

const sql = (text: string) => project.database.pool.query(text)
const recorded = async () =>
  (await sql('select target, sampled, row_count, differences, repaired, share from trifold.verifications order by id'))
    .rows

describe('`trifold verify`', () => {
  it('says of every target that it is equal', async () => {
    const { code, out } = await project.cli('verify')
    expect(code).toBe(0)
    expect(out).toMatch(
      /^item@table: equal to its definition; 500 rows \(100 %\) compared in .*\nitem@view: equal to its definition; 500 rows/,
    )
  })

  it('names key, column and values of what differs, and ends with 1', async () => {
    await sql(
      `update trifold.item__table_g1 set name = 'item 7 ' where id = 7; delete from trifold.item__table_g1 where id = 8`,
    )
    const { code, out } = await project.cli('verify', 'item@table')
    expect(code).toBe(1)
    expect(out).toContain('item@table: differs from its definition: 1 missing, 1 different; 500 rows (100 %) compared')
    expect(out).toContain('\n  7: name is "item 7 ", to be "item 7"\n')
    expect(out).toContain('\n  8: missing\n')
  })

  it('repairs it with --repair, and then finds nothing', async () => {
    const { code, out } = await project.cli('verify', 'item@table', '--repair', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out).verified).toMatchObject([{ target: 'item@table', missing: 1, different: 1, repaired: 2 }])
    expect((await project.cli('verify', 'item@table')).code).toBe(0)
  })

  it('compares a part of the rows with --sample', async () => {
    const { out } = await project.cli('verify', 'item', '--sample', '10%', '--json')
    for (const { rows, share } of JSON.parse(out).verified) {
      expect(rows).toBeGreaterThanOrEqual(10)
      expect(rows).toBeLessThan(300)
      expect(share).toBeCloseTo(rows / 500)
    }
  })

  it('leaves a row for every run', async () => {
    const rows = await recorded()
    expect(rows.map(({ target }) => target)).toEqual([
      'item@table',
      'item@view',
      'item@table',
      'item@table',
      'item@table',
      'item@table',
      'item@view',
    ])
    expect(rows[2]).toMatchObject({ sampled: false, row_count: '500', differences: '2', repaired: '0', share: 1 })
    expect(rows[3]).toMatchObject({ differences: '2', repaired: '2' })
    expect(rows[5]).toMatchObject({ sampled: true, differences: '0' })
  })
})

describe('`trifold status` after it', () => {
  it('says how much of each target is equal to its definition, and since when', async () => {
    const { out } = await project.cli('status')
    expect(out).toMatch(/item@table: .*; equal to its definition at \d\d:\d\d UTC, 100 % in [\d.]+ m?s\n/)
    const [table] = JSON.parse((await project.cli('status', '--json')).out).targets
    expect(table).toMatchObject({ verified: { share: 1, differing: 0 }, planDependent: [] })
  })
})

describe('one sentence refuses', () => {
  it.each([
    [
      'a sample of nothing',
      ['item@table', '--sample', '0'],
      /a sample is a share of the rows, above 0 and up to 1 \(100%\).*\[VERIFY_IMPOSSIBLE\]/,
    ],
    ['a sample of more than all', ['--sample', '101%'], /1\.01 is none \[VERIFY_IMPOSSIBLE\]/],
    ['a sample that is no number', ['--sample', 'some'], /\[VERIFY_IMPOSSIBLE\]/],
    [
      'an unknown target',
      ['item@search'],
      /there is no target item@search \(configured: item@table, item@view\) \[TARGET_UNKNOWN\]/,
    ],
    ['an unknown read model', ['thing'], /there is no read model thing \(configured: item\) \[READ_MODEL_UNKNOWN\]/],
  ])('%s', async (_, args, text) => {
    const { code, out, err } = await project.cli('verify', ...args)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toMatch(text)
  })

  it('a target that is being rebuilt', async () => {
    const client = await openClient(project.database.url, { name: 'test' })
    try {
      await inTransaction(client, async () => {
        await client.query(`select pg_advisory_xact_lock(hashtextextended('trifold rebuild item@table', 0))`)
        const { code, err } = await project.cli('verify', 'item@table')
        expect(code).toBe(1)
        expect(err).toMatch(/item@table is being rebuilt now; .* once the new generation serves \[REBUILD_RUNNING\]/)
      })
    } finally {
      await client.end()
    }
  })

  it('a target that was never built', async () => {
    await sql(`update trifold.generations set state = 'retired' where target = 'item@table'`)
    const { err } = await project.cli('verify', 'item@table')
    await sql(`update trifold.generations set state = 'serving' where target = 'item@table'`)
    expect(err).toMatch(
      /item@table was never built; start `trifold worker`, or run `trifold rebuild item@table` \[VERIFY_IMPOSSIBLE\]/,
    )
  })
})
