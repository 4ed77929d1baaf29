import { cp, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { describe, expect, inject, it } from 'vitest'
import { main, startCli } from './project.ts'

const root = join(dirname(main), '../..')
const given = () => ({ DATABASE_URL: inject('databaseUrl'), OPENSEARCH_URL: inject('openSearchUrl') })

/** What demos have made on the given engines. */
async function leftBehind(): Promise<string[]> {
  const client = new pg.Client({ connectionString: inject('databaseUrl') })
  await client.connect()
  const { rows } = await client.query(`select datname from pg_database where datname like 'trifold_demo_%'`)
  await client.end()
  const url = inject('openSearchUrl')
  const indexes = url ? Object.keys((await (await fetch(`${url}/trifold_demo_*`)).json()) as object) : []
  return [...rows.map(({ datname }) => datname as string), ...indexes]
}

const kinds = () => (inject('openSearchUrl') ? ['table', 'view', 'search'] : ['table', 'view'])

describe('trifold demo', () => {
  it('builds, loads, measures every target, and leaves nothing behind', async () => {
    const demo = startCli(['demo', '--given', '--seconds', '5', '--orders', '500', '--json'], given())
    const { code, out, err } = await demo.ended
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const report = JSON.parse(out)
    expect(report).toMatchObject({ agree: true, machine: { node: process.version } })
    expect(report.commands).toBeGreaterThan(0)
    expect(report.targets.map(({ target }: { target: string }) => target)).toEqual(
      kinds().map((kind) => `order_summary@${kind}`),
    )
    for (const target of report.targets) {
      expect(target).toMatchObject({ agrees: true, rows: report.rows })
      expect(target.lag.count).toBeGreaterThan(0)
      expect(target.lag.p50).toBeGreaterThan(0)
      expect(target.lag.p99).toBeGreaterThanOrEqual(target.lag.p50)
      expect(target.query.count).toBe(200)
      expect(target.bytes).toBeGreaterThan(0)
    }
    const [table, view] = report.targets
    expect(table.refresh).toBeNull()
    expect(view.refresh).toBeGreaterThan(0)
    expect(view.write).toBe(0)
    expect(view.lag.p50).toBeGreaterThan(table.lag.p50)
    expect(await leftBehind()).toEqual([])
  })

  it('ends with everything at Ctrl-C', async () => {
    const demo = startCli(['demo', '--given', '--seconds', '600', '--orders', '100'], given())
    await demo.whenPrinted('Placing and moving orders')
    demo.child.kill('SIGINT')
    const { code, out } = await demo.ended
    expect(code).toBe(130)
    expect(out).toMatch(/Interrupted; everything that was started has ended\.\n$/)
    expect(await leftBehind()).toEqual([])
  })

  it('ends with its figures at Ctrl-C where it was told to go on', async () => {
    const demo = startCli(['demo', '--given', '--watch', '--orders', '100', '--no-opensearch'], given())
    await demo.whenPrinted('rows, lag')
    demo.child.kill('SIGINT')
    const { code, out } = await demo.ended
    expect(code).toBe(0)
    expect(out).toContain('What each target costs, and what it gives')
    expect(out).toContain("every row of every target was the definition's")
    expect(out).not.toContain('order_summary@search')
    expect(await leftBehind()).toEqual([])
  })

  it('says in one sentence that an installed package lacks the shop', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'trifold-installed-'))
    try {
      await cp(join(root, 'dist'), join(folder, 'dist'), { recursive: true })
      await cp(join(root, 'package.json'), join(folder, 'package.json'))
      await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
      const { code, err } = await startCli(['demo'], {}, { program: join(folder, 'dist/cli/main.js') }).ended
      expect(code).toBe(1)
      expect(err).toBe(
        'trifold: demo: the shop is not part of the installed package; clone the repository, run `npm ci` and ' +
          '`npm run demo` there [DEMO_UNAVAILABLE]\n',
      )
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
