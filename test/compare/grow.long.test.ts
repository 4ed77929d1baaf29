import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { growthText } from '../../packages/compare/src/command/output.ts'
import { compareGrowth, type GrowOptions } from '../../packages/compare/src/grow.ts'
import { colorsOf } from '../../src/cli/console.ts'
import { until } from '../support/until.ts'
import { type ComparedShop, createComparedShop } from './shop.ts'

let shop: ComparedShop
beforeAll(async () => {
  shop = await createComparedShop({ orders: 0 })
})
afterAll(() => shop.close())

const grown = (options: Partial<GrowOptions>) =>
  compareGrowth(shop.config, 'order_summary', { configFile: shop.configFile, yes: true, sizes: [100], ...options })

/** The names of the databases that a comparison tells to have made. */
function noting() {
  const made: string[] = []
  const phase = (text: string) => {
    made.push(...(/in the database (\w+)/.exec(text)?.slice(1) ?? []))
  }
  return { made, progress: { phase } }
}

async function expectGone(made: readonly string[], count: number): Promise<void> {
  expect(made).toHaveLength(count)
  const { rows } = await shop.database.pool.query('select from pg_database where datname = any ($1)', [made])
  expect(rows).toEqual([])
}

/** A workload that makes its data so. */
async function workloadFile(grow: string): Promise<string> {
  const file = join(shop.folder, `workload-${randomUUID()}.ts`)
  await writeFile(
    file,
    `import pg from ${JSON.stringify(import.meta.resolve('pg'))}
    async function on(url, statement) {
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      await client.query(statement).finally(() => client.end())
    }
    export default { open() {}, prepare() {}, async grow(url) { ${grow} } }`,
  )
  return file
}

describe('a comparison on generated data', () => {
  it('has a comparison for each size, and leaves no database and no index', async () => {
    const before = await shop.traces()
    const { made, progress } = noting()
    const options = { configFile: shop.configFile, seconds: 2, yes: true, sizes: [400, 200, 400], progress }
    const document = await compareGrowth(shop.config, 'order_summary', options)
    expect(document.sizes.map(({ size, comparison }) => [size, comparison.setting.rows])).toEqual([
      [200, 200],
      [400, 400],
    ])
    for (const { comparison } of document.sizes) {
      expect(comparison.targets.map(({ verified, temporary }) => [verified.equal, temporary])).toEqual(
        comparison.targets.map(() => [true, true]),
      )
    }
    expect(document.growth.length).toBeGreaterThan(0)
    const lines = growthText(document, colorsOf({ write: () => {} })).split('\n')
    expect(lines.filter((line) => line.length > 100)).toEqual([])
    expect(await shop.traces()).toEqual(before)
    await expectGone(made, 2)
  })

  it('needs a workload that makes data', async () => {
    const config = { ...shop.config, workloadFile: undefined }
    await expect(
      compareGrowth(config, 'order_summary', { configFile: shop.configFile, yes: true, sizes: [100] }),
    ).rejects.toMatchObject({ code: 'COMPARE_WORKLOAD', message: expect.stringContaining('`prepare` and `grow`') })
  })

  it('ends a workload that makes data as soon as it is interrupted, and leaves no database', async () => {
    const stop = new AbortController()
    const endless = 'select pg_sleep(3600)'
    const workload = await workloadFile(`await on(url, '${endless}')`)
    const { made, progress } = noting()
    const interrupted = expect(grown({ workload, progress, signal: stop.signal })).rejects.toThrow('interrupted')
    await until('the workload runs', async () => {
      const running = 'select from pg_stat_activity where datname = any ($1) and query = $2'
      return (await shop.database.pool.query(running, [made, endless])).rowCount === 1
    })
    stop.abort(new Error('interrupted'))
    await interrupted
    await expectGone(made, 1)
  })

  it('says that a workload could not make data, and why', async () => {
    const workload = await workloadFile(`await on(url, 'select * from nothing')`)
    const { made, progress } = noting()
    await expect(grown({ workload, progress })).rejects.toMatchObject({
      code: 'COMPARE_WORKLOAD',
      message: 'compare: the workload could not make 100 rows: relation "nothing" does not exist',
    })
    await expectGone(made, 1)
  })

  it.each([
    [{ sizes: [] }, 'COMPARE_LOAD', 'whole numbers above 0'],
    [{ sizes: [100, 2.5] }, 'COMPARE_LOAD', 'whole numbers above 0'],
    [{ sizes: [11_000_000], yes: false }, 'COMPARE_LOAD', '11,000,000 rows are more than 10,000,000; add --yes'],
    [{ replay: true }, 'COMPARE_REPLAY', '--grow needs a workload'],
  ])('refuses %j before it makes a database', async (options, code, text) => {
    const { made, progress } = noting()
    await expect(grown({ ...options, progress })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(text),
    })
    await expectGone(made, 0)
  })

  it('refuses an unknown read model before it makes a database', async () => {
    const { made, progress } = noting()
    const options = { configFile: shop.configFile, yes: true, sizes: [100], progress }
    await expect(compareGrowth(shop.config, 'nothing', options)).rejects.toMatchObject({ code: 'READ_MODEL_UNKNOWN' })
    await expectGone(made, 0)
  })

  it('needs the privilege to make databases', async () => {
    const { pool, url, name } = shop.database
    const role = `role_${name}`
    await pool.query(`create role ${role} login password '${role}'`)
    const limited = new URL(url)
    limited.username = role
    limited.password = role
    try {
      const options = { configFile: shop.configFile, yes: true, sizes: [100] }
      const running = compareGrowth({ ...shop.config, database: limited.href }, 'order_summary', options)
      await expect(running).rejects.toMatchObject({ code: 'PRIVILEGE_MISSING' })
    } finally {
      await pool.query(`drop role ${role}`)
    }
  })
})
