import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from '../cli/project.ts'
import { type ComparedShop, createComparedShop } from './shop.ts'

let shop: ComparedShop
beforeAll(async () => {
  shop = await createComparedShop({ withSearch: false })
})
afterAll(() => shop.close())

const cli = (...args: string[]) => runCli(['compare', ...args, '--config', shop.configFile])

describe('trifold compare', () => {
  it('prints the document with --json, tells its phases on stderr, and writes the page', async () => {
    const html = join(shop.folder, 'comparison.html')
    const { code, out, err } = await cli(
      'daily_sales',
      '--for',
      '2s',
      '--rate',
      '10',
      '--yes',
      '--json',
      '--html',
      html,
    )
    expect(code).toBe(0)
    const document = JSON.parse(out)
    expect(document).toMatchObject({ readModel: 'daily_sales', load: { kind: 'rate', rate: 10 } })
    expect(document.targets[0].lag.samples.length).toBe(document.load.transactions.length)
    expect(err).toMatch(/^ +\d+ s {2}building daily_sales@table, which is removed at the end$/m)
    expect(err).toMatch(/^ +\d+ s {2}removing what was created$/m)
    expect(await readFile(html, 'utf8')).toContain('daily_sales')
  })

  it.each([
    [['nothing'], 1, 'there is no read model nothing (configured: order_summary, daily_sales) [READ_MODEL_UNKNOWN]'],
    [
      ['order_summary', '--rate', '201'],
      1,
      '201 transactions a second are more than 200; add --yes if you mean it [COMPARE_LOAD]',
    ],
    [['order_summary', '--for', '11m'], 1, '660 s are more than 600; add --yes if you mean it [COMPARE_LOAD]'],
    [
      ['order_summary', '--for', 'long'],
      2,
      'It must be a time span such as 30s or 2m; see `trifold compare --help` [USAGE]',
    ],
    [['order_summary', '--rate', '0'], 2, 'It must be a number above 0; see `trifold compare --help` [USAGE]'],
    [
      ['order_summary', '--grow', '10k,many'],
      2,
      'It must be sizes such as 10k,100k,1M; see `trifold compare --help` [USAGE]',
    ],
    [
      ['order_summary', '--grow', '10k', '--workload', '/nowhere.ts'],
      1,
      '/nowhere.ts does not exist; correct --workload, or `workload` in the configuration [COMPARE_WORKLOAD]',
    ],
    [[], 2, "missing required argument 'read-model'; see `trifold compare --help` [USAGE]"],
  ])('answers %j with exit code %i and one line', async (args, code, line) => {
    const outcome = await cli(...(args as string[]))
    expect(outcome.code).toBe(code)
    expect(outcome.err.trimEnd().split('\n').at(-1)).toContain(line)
  })
})
