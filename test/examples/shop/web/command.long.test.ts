import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../../../support/database.ts'
import { createSearch, type TestSearch } from '../../../support/search.ts'
import { jiti } from '../../../support/source-program.ts'
import { until } from '../../../support/until.ts'
import { hasSearch } from './stand.ts'

const root = fileURLToPath(new URL('../../../..', import.meta.url))

let database: TestDatabase
let search: TestSearch | undefined

beforeAll(async () => {
  database = await createDatabase({ migrated: false })
  search = hasSearch() ? createSearch() : undefined
})

afterAll(async () => {
  await search?.close()
  await database?.close()
})

/** Runs the command as the documentation tells to, on the sources instead of the build. */
function startWeb(...args: string[]) {
  const child = spawn(process.execPath, [jiti, 'examples/shop/cli.ts', 'web', ...args], {
    cwd: root,
    env: {
      ...process.env,
      DATABASE_URL: database.url,
      OPENSEARCH_URL: inject('openSearchUrl'),
      TRIFOLD_SHOP_PREFIX: search?.prefix ?? '',
      JITI_TSCONFIG_PATHS: 'true',
    },
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      printed += data
    })
  }
  const address = async () => {
    const line = /The shop is open at (http:\S+)/
    await until(`the shop opens; it printed:\n${printed}`, () => line.test(printed) || child.exitCode !== null, 240_000)
    const found = line.exec(printed)?.[1]
    if (found === undefined) throw new Error(`the shop did not open; it printed:\n${printed}`)
    return found
  }
  return { child, address, ended: once(child, 'exit'), printed: () => printed }
}

async function connections(): Promise<number> {
  const { rows } = await database.pool.query(
    `select count(*)::int as others
    from pg_stat_activity
    where datname = current_database()
      and backend_type = 'client backend'
      and pid <> pg_backend_pid()`,
  )
  return rows[0].others
}

test('stocks an empty shop, opens it with a worker of its own, and leaves nothing running at Ctrl-C', async () => {
  const web = startWeb('--orders', '30')
  const shop = await web.address()
  expect(web.printed()).toContain('The shop is empty: placing 30 orders')
  const products = await (await fetch(`${shop}/products`)).text()
  expect(products).toContain('<strong>96</strong> products')
  if (search) expect(await (await fetch(`${shop}/products?q=lantren`)).text()).toContain('<mark>Lantern</mark>')
  const form = { method: 'POST', headers: { origin: shop, 'content-type': 'application/x-www-form-urlencoded' } }
  const paused = await (await fetch(`${shop}/experiments/pause`, { ...form, body: 'back=/sales' })).text()
  expect(paused).toContain('The worker stands still until')
  expect(paused).toContain('no worker keeps it')
  await until('the worker goes on', async () => {
    const page = await (await fetch(`${shop}/sales`)).text()
    return !page.includes('no worker keeps it')
  })
  web.child.kill('SIGINT')
  expect(await web.ended).toEqual([0, null])
  await until('the connections are gone', async () => (await connections()) === 0)
})

test.each([
  ['--port', 'http'],
  ['--port', '70000'],
  ['--orders', 'many'],
])('refuses %s %s in one line', async (...args) => {
  const web = startWeb(...args)
  expect(await web.ended).toEqual([1, null])
  expect(web.printed()).toMatch(/^error: option '--\w+ <\w+>' argument '\w+' is invalid\. [^\n]+\n$/)
})
