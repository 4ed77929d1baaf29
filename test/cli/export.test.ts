import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { asyncBufferFromFile, parquetMetadataAsync } from 'hyparquet'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProject, type Project } from './project.ts'

let project: Project
beforeAll(async () => {
  project = await createProject()
  await project.database.pool.query(
    `insert into public.items select n, case when n = 1 then '=1+1' when n = 2 then '' else repeat('item ' || n, 20) end
    from generate_series(1, 500) as n`,
  )
  await project.cli('rebuild', '--outdated')
})
afterAll(() => project.close())

const path = (name: string) => join(project.folder, name)
const files = async () => (await readdir(project.folder)).filter((name) => name.includes('items'))
describe('`trifold export`', () => {
  it('writes the rows to stdout, and says on stderr how many and as of when', async () => {
    const { code, out, err } = await project.cli(
      'export',
      'item',
      '--where',
      '{"id":{"lt":4}}',
      '--sort',
      'id',
      '--columns',
      'name,id',
    )
    expect(code).toBe(0)
    expect(out).toMatch(/^name,id\r\n'=1\+1,1\r\n"",2\r\nitem 3item 3.*,3\r\n$/)
    expect(err).toMatch(/^3 rows of item@table as of 20\d\d-\d\d-\d\dT[\d:.]+Z\n$/)
  })

  it('writes a file and its facts beside it, and replaces them with --force only', async () => {
    const file = path('items.ndjson')
    const args = ['export', 'item@view', '--format', 'ndjson', '--out', file, '--where', '{"id":2}']
    const written = await project.cli(...args, '--json')
    expect(written.code).toBe(0)
    expect(JSON.parse(written.out)).toMatchObject({ target: 'item@view', rows: 1, file })
    expect(await readFile(file, 'utf8')).toBe('{"id":2,"name":""}\n')
    const facts = JSON.parse(await readFile(`${file}.meta.json`, 'utf8'))
    expect(facts).toMatchObject({
      target: 'item@view',
      rows: 1,
      format: 'ndjson',
      columns: ['id', 'name'],
      degraded: false,
    })
    expect(facts.asOf).toMatch(/^20\d\d-\d\d-\d\dT[\d:.]+Z$/)
    expect(await project.cli(...args)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/is there already; add --force.*\[EXPORT_EXISTS\]/),
    })
    expect((await project.cli(...args, '--force')).code).toBe(0)
    expect(await files()).toEqual(['items.ndjson', 'items.ndjson.meta.json'])
  })

  it('writes Parquet', async () => {
    const file = path('some.parquet')
    const args = ['export', 'item@table', '--format', 'parquet', '--out', file, '--where', '{"id":{"lt":4}}', '--json']
    const { code, out } = await project.cli(...args)
    const { num_rows, key_value_metadata } = await parquetMetadataAsync(await asyncBufferFromFile(file))
    expect({ code, rows: num_rows }).toEqual({ code: 0, rows: 3n })
    expect(key_value_metadata).toContainEqual({ key: 'trifold.asOf', value: JSON.parse(out).asOf })
  })

  it.each([
    [['item', '--columns', 'id,nme'], 1, /item has no column nme; did you mean `name`\?.*\[QUERY_INVALID\]/],
    [['item', '--where', '{id:1}'], 1, /--where is not JSON .*\[QUERY_INVALID\]/],
    [['thing'], 1, /there is no read model thing \(configured: item\) \[READ_MODEL_UNKNOWN\]/],
    [['item@search'], 1, /there is no target item@search .*\[TARGET_UNKNOWN\]/],
    [['item', '--format', 'xml'], 2, /Allowed choices are csv, ndjson.*\[USAGE\]/],
    [['item', '--json'], 2, /--json prints the facts on stdout, so the rows need --out <file>.*\[USAGE\]/],
  ])('refuses %j', async (args, code, message) => {
    const refused = await project.cli('export', ...args)
    expect(refused).toMatchObject({ code, err: expect.stringMatching(message) })
  })
})
