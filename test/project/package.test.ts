import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { besideDurability } from '../support/findings.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../support/search.ts'
import { Consumer, end, type Packed, packProject } from './consumer.ts'
import { writeReadmeFiles } from './readme-blocks.ts'
import { repository, trackedFiles } from './repository.ts'

let folder: string
let packed: Packed

beforeAll(async () => {
  if (!existsSync(join(repository, 'dist/index.js'))) throw new Error('there is nothing to pack; run `npm run build`')
  folder = await mkdtemp(join(tmpdir(), 'trifold-pack-'))
  packed = await packProject(folder)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

it('packs the library, its migrations and what a reader needs, and nothing else', () => {
  const apart = packed.paths.filter((path) => !/^(dist|migrations)\//.test(path))
  expect(apart.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'])
  expect(packed.paths.filter((path) => path.startsWith('dist/') && !/\.(js|d\.ts)$/.test(path))).toEqual([])
  expect(packed.paths).toContain('migrations/0001_trifold.sql')
})

it('packs every source file once, compiled and with its types, and none that is gone', () => {
  const sources = trackedFiles().filter((path) => path.startsWith('src/') && existsSync(join(repository, path)))
  const expected = sources.flatMap((path) =>
    ['.js', '.d.ts'].map((end) => path.replace(/^src(.*)\.ts$/, `dist$1${end}`)),
  )
  expect(packed.paths.filter((path) => path.startsWith('dist/')).sort()).toEqual(expected.sort())
})

it('refers to no source map', async () => {
  for (const path of packed.paths.filter((one) => one.endsWith('.js'))) {
    expect(await readFile(join(repository, path), 'utf8'), path).not.toContain('sourceMappingURL')
  }
})

describeWithSearch('a project that installs the package and follows the README', () => {
  let database: TestDatabase
  let search: TestSearch
  let consumer: Consumer

  beforeAll(async () => {
    database = await createDatabase({ migrated: false })
    search = createSearch()
    consumer = await Consumer.create(packed.file, { DATABASE_URL: database.url, OPENSEARCH_URL: search.url })
    await writeReadmeFiles(consumer.folder)
    await consumer.edit('trifold.config.ts', (text) =>
      text.replace('readModels: {', `indexPrefix: '${search.prefix}',\n  readModels: {`),
    )
    await database.pool.query(await readFile(join(consumer.folder, 'schema.sql'), 'utf8'))
  }, 300_000)
  afterAll(async () => {
    await consumer?.remove()
    await search.close()
    await database.close()
  })

  it('runs the command line', async () => {
    expect(await consumer.trifold('--help')).toContain('Usage: trifold')
    expect(await consumer.trifold('migrate')).toContain('ran 0001_trifold')
    const examined = await consumer.trifold('doctor', '--json').catch(({ stdout }: { stdout: string }) => stdout)
    const problems = JSON.parse(examined).findings.filter((finding: { level: string }) => finding.level === 'problem')
    expect(besideDurability(problems)).toEqual([])
  })

  it('compiles against the generated row types', async () => {
    expect(await consumer.trifold('types')).toContain('wrote trifold.types.ts: ticket_board')
    expect(await consumer.compile()).toBe('')
  })

  it('does not compile where a handler writes a column that the definition lacks', async () => {
    await consumer.edit('trifold.config.ts', (text) => text.replace("{ status: 'closed' }", "{ statuz: 'closed' }"))
    expect(await consumer.compile()).toContain("'statuz' does not exist in type")
    await consumer.edit('trifold.config.ts', (text) => text.replace('statuz', 'status'))
    expect(await consumer.compile()).toBe('')
  })

  it('appends events from pg and from MikroORM and reads its own commits from every target', async () => {
    expect(await consumer.trifold('fill')).toContain('ticket_board@search: generation 1 serves')
    const worker = consumer.startWorker()
    try {
      const board = await consumer.node('app.js')
      expect(board).toContain("title: 'The printer is on fire'")
      expect(board).toContain('1 found in ticket_board@search')
      expect(await consumer.node('orm.js')).toContain("{ group: 'closed', count: 1, sum: null }")
      const definition = await readFile(join(consumer.folder, 'views/ticket_board_v01.sql'), 'utf8')
      const { rows } = await database.pool.query(`table ticket_board__table except (${definition})`)
      expect(rows, 'the rows that the handlers wrote are those of the definition').toEqual([])
    } finally {
      expect(await end(worker)).toBe(0)
    }
  })
})
