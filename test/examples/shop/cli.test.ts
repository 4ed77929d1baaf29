import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../../support/database.ts'
import { jiti } from '../../support/source-program.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

let database: TestDatabase
let folder: string

beforeAll(async () => {
  database = await createDatabase({ migrated: false })
  folder = await mkdtemp(join(tmpdir(), 'trifold-cli-'))
})

afterAll(async () => {
  await database?.close()
  await rm(folder, { recursive: true, force: true })
})

/** Runs the command line as the documentation tells to, on the sources instead of the build. */
function shop(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { ...process.env, DATABASE_URL: database.url, JITI_TSCONFIG_PATHS: 'true' }
  return new Promise((resolve) => {
    execFile(process.execPath, [jiti, 'examples/shop/cli.ts', ...args], { cwd: root, env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr })
    })
  })
}

test('generates on an empty database, which it migrates first', async () => {
  const { code, stdout } = await shop('generate', '--orders', '20', '--seed', '3', '--json')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ orders: 20 })
  const { rows } = await database.pool.query(
    `select count(*)::int as placed from trifold.outbox where type = 'OrderPlaced'`,
  )
  expect(rows).toEqual([{ placed: 20 }])
})

test('generates in bulk without events', async () => {
  const before = await database.pool.query('select count(*)::int as orders from orders')
  const { stdout } = await shop('generate', '--orders', '300', '--bulk', '--json')
  expect(JSON.parse(stdout)).toMatchObject({ orders: 300, customers: 15 })
  const after = await database.pool.query('select count(*)::int as orders from orders')
  expect(after.rows[0].orders - before.rows[0].orders).toBe(300)
})

test('imports a file and prints what became of every line', async () => {
  const file = join(folder, 'retail.csv')
  const lines = [
    'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country',
    '1001,10001,LAMP,2,2010-12-01 08:26:00,10.00,501.0,France',
    '1001,POST,POSTAGE,1,2010-12-01 08:26:00,18.00,501.0,France',
  ]
  await writeFile(file, lines.join('\n'))
  const { stdout } = await shop('import', '--file', file, '--json')
  expect(JSON.parse(stdout)).toMatchObject({ linesRead: 2, linesImported: 1, linesSkipped: { not_a_product: 1 } })
})

test.each([
  [['generate', '--orders', 'many'], /whole number/],
  [['import', '--file', '/nowhere/retail.csv'], /there is no file/],
])('fails with one line that says why: %j', async (args, message) => {
  const { code, stderr } = await shop(...args)
  expect(code).toBe(1)
  expect(stderr).toMatch(message)
  expect(stderr).not.toMatch(/ at /)
})

test('explains itself', async () => {
  expect((await shop('import', '--help')).stdout).toMatch(/--file <path>/)
})
