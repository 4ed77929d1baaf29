import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importRetail } from '../../../examples/shop/import.ts'
import { openShop } from '../../../examples/shop/shop.ts'
import { run } from '../../../src/cli/run.ts'
import { openPool } from '../../../src/database.ts'
import { rebuildTarget } from '../../../src/rebuild.ts'
import { retailFile, retailMissing } from '../../support/retail-data.ts'
import { type ShopReadModel, shopReadModels } from '../../support/shop-config.ts'
import { openShopToolkit, type ShopToolkit } from '../../support/shop-toolkit.ts'
import { argumentsOf, plain, type Question, readQuestions, rowsOfAnswer } from './questions.ts'

/** At five characters a second, thirty seconds. */
const longestCommand = 150

const questions = await readQuestions()
const reason = retailMissing && ` (skipped: ${retailMissing})`

it('there are a hundred, each typed in thirty seconds', () => {
  expect(questions.filter(({ sql }) => sql)).toHaveLength(100)
  expect(questions.filter(({ sql, refusal }) => !sql === !refusal)).toEqual([])
  expect(questions.filter(({ command }) => command.length > longestCommand)).toEqual([])
})

describe.skipIf(reason !== '')(`the questions of an analyst to the retail data${reason}`, () => {
  let setting: ShopToolkit
  let folder: string
  let pool: pg.Pool
  beforeAll(async () => {
    setting = await openShopToolkit(shopReadModels)
    const shop = await openShop(setting.database.url)
    await importRetail({ orm: shop.orm, file: retailFile, limitInvoices: 1_500 })
    await shop.close()
    for (const materializer of setting.toolkit.targets.values()) await rebuildTarget(materializer, 'test')
    pool = openPool(setting.database.url, { name: 'test', max: 1 })
    folder = await configurationOf(setting)
  }, 600_000)
  afterAll(async () => {
    await pool?.end()
    await setting?.close()
    if (folder) await rm(folder, { recursive: true })
  })

  const ask = async (command: readonly string[]) => {
    const printed: Record<'out' | 'err', string[]> = { out: [], err: [] }
    const stream = (to: 'out' | 'err') => ({ write: (text: string) => void printed[to].push(text) }) as never
    const argv = [...command, '--json', '--config', join(folder, 'trifold.config.ts')]
    const code = await run(argv, { stdout: stream('out'), stderr: stream('err') })
    return { code, out: printed.out.join(''), err: printed.err.join('') }
  }

  it.each(questions.filter(({ sql }) => sql))('$title', async ({ command, sql }: Question) => {
    const wanted = (await pool.query({ text: sql as string, rowMode: 'array' })).rows
    const [what, name, ...options] = argumentsOf(command) as [string, string, ...string[]]
    const targets = setting.targets.filter((target) => target === name || target.startsWith(`${name}@`))
    for (const target of targets) {
      const { code, out, err } = await ask([what, target, ...options])
      expect({ code, err }).toEqual({ code: 0, err: '' })
      const { approximate, groups } = JSON.parse(out)
      if (approximate) expect([target.split('@')[1], groups.length]).toEqual(['search', wanted.length])
      else
        expect(valuesOf(rowsOfAnswer(out, options.includes('--group'))), `${target}: ${command}`).toEqual(
          valuesOf(wanted),
        )
    }
  })

  it.each(questions.filter(({ refusal }) => refusal))('refused: $title', async ({ command, refusal }: Question) => {
    const { code, out } = await ask(argumentsOf(command))
    expect([code, JSON.parse(out).error.code]).toEqual([1, refusal])
  })
})

const valuesOf = (rows: readonly unknown[][]) => rows.map((row) => row.map(plain))

/** A configuration file, for commands that are told where it is. */
async function configurationOf({ address }: ShopToolkit): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'trifold-questions-'))
  const support = fileURLToPath(new URL('../../support/shop-config.ts', import.meta.url))
  const root = fileURLToPath(new URL('../../../examples/shop', import.meta.url))
  const given = [shopReadModels satisfies readonly ShopReadModel[], address].map((one) => JSON.stringify(one))
  await writeFile(
    join(folder, 'trifold.config.ts'),
    `import { shopConfig } from ${JSON.stringify(support)}\nexport default { ...shopConfig(${given.join(', ')}), root: ${JSON.stringify(root)} }\n`,
  )
  return folder
}
