import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { growthText } from '../../src/cli/commands/compare-output.ts'
import { colorsOf } from '../../src/cli/console.ts'
import { compareGrowth } from '../../src/compare/grow.ts'
import { type ComparedShop, createComparedShop } from './shop.ts'

let shop: ComparedShop
beforeAll(async () => {
  shop = await createComparedShop({ orders: 0 })
})
afterAll(() => shop.close())

describe('a comparison on generated data', () => {
  it('has a comparison for each size, and leaves no database and no index', async () => {
    const before = await shop.traces()
    const made: string[] = []
    const phase = (text: string) => made.push(...(/in the database (\w+)/.exec(text)?.slice(1) ?? []))
    const options = { configFile: shop.configFile, seconds: 2, yes: true, sizes: [400, 200], progress: { phase } }
    const document = await compareGrowth(shop.config, 'order_summary', options)
    expect(document.sizes.map(({ size, comparison }) => [size, comparison.setting.rows])).toEqual([
      [200, 200],
      [400, 400],
    ])
    for (const { comparison } of document.sizes) {
      expect(comparison.targets.map(({ agrees, temporary }) => [agrees.equal, temporary])).toEqual(
        comparison.targets.map(() => [true, true]),
      )
    }
    expect(document.growth.length).toBeGreaterThan(0)
    const lines = growthText(document, colorsOf({ write: () => {} })).split('\n')
    expect(lines.filter((line) => line.length > 100)).toEqual([])
    expect(await shop.traces()).toEqual(before)
    expect(made).toHaveLength(2)
    const { rows } = await shop.database.pool.query('select from pg_database where datname = any ($1)', [made])
    expect(rows).toEqual([])
  })

  it('needs a workload that makes data', async () => {
    const config = { ...shop.config, workloadFile: undefined }
    await expect(
      compareGrowth(config, 'order_summary', { configFile: shop.configFile, yes: true, sizes: [100] }),
    ).rejects.toMatchObject({ code: 'COMPARE_WORKLOAD', message: expect.stringContaining('`prepare` and `grow`') })
  })

  it('needs the privilege to make databases', async () => {
    const { pool, url, name } = shop.database
    const role = `role_${name}`
    await pool.query(`create role ${role} login`)
    const limited = new URL(url)
    limited.username = role
    try {
      const options = { configFile: shop.configFile, yes: true, sizes: [100] }
      const running = compareGrowth({ ...shop.config, database: limited.href }, 'order_summary', options)
      await expect(running).rejects.toMatchObject({ code: 'PRIVILEGE_MISSING' })
    } finally {
      await pool.query(`drop role ${role}`)
    }
  })
})
