import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import type { Figure } from '../../bench/figure.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const tiny = ['--quick', '--json', '--events', '3000', '--seconds', '1', '--rounds', '1']

beforeAll(async () => {
  await run(process.execPath, ['tools/build-bench.mjs'], { cwd: root })
})

describe('a benchmark', () => {
  const names = ['table-backlog', 'table-freshness', 'view-refresh', 'append', 'feed-head']
  const withSearch = inject('openSearchUrl') === '' ? [] : ['search-backlog', 'search-freshness']

  it.each([...names, ...withSearch])('of %s gives finite figures above zero', { timeout: 300_000 }, async (name) => {
    const { figures } = await bench('--only', name, ...tiny)
    expect(figures.length).toBeGreaterThan(0)
    for (const figure of figures) expectFinite(figure)
  })

  it('that does not exist is refused with the names of those that do', async () => {
    await expect(bench('--only', 'nothing')).rejects.toThrow(/no benchmark nothing[\s\S]*table-backlog, search-backlog/)
  })
})

async function bench(...args: string[]): Promise<{ figures: Figure[] }> {
  const { stdout } = await run(process.execPath, ['dist-bench/bench/main.js', ...args], {
    cwd: root,
    env: { ...process.env, DATABASE_URL: inject('databaseUrl'), OPENSEARCH_URL: inject('openSearchUrl') },
  })
  return JSON.parse(stdout)
}

function expectFinite(figure: Figure): void {
  const numbers = [figure.value, figure.control?.value, figure.ratio, ...figure.raw].filter((one) => one !== undefined)
  for (const number of numbers) expect(number, `${figure.bench}, ${figure.name}`).toSatisfy(Number.isFinite)
  expect(figure.value, `${figure.bench}, ${figure.name}`).toBeGreaterThanOrEqual(0)
}
