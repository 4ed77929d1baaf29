import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { besideDurability } from '../support/findings.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../support/search.ts'
import { Consumer, end, type Packed, packProject } from './consumer.ts'
import { writeReadmeFiles } from './readme-blocks.ts'
import { repository, textOf, trackedFiles } from './repository.ts'

let folder: string
let packages: Packed[]

beforeAll(async () => {
  if (!existsSync(join(repository, 'dist/index.js'))) throw new Error('there is nothing to pack; run `npm run build`')
  folder = await mkdtemp(join(tmpdir(), 'trifold-pack-'))
  packages = await packProject(folder)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const packed = (name: string): Packed => packages.find((one) => one.name === name) as Packed
const others = (): Packed[] => packages.filter(({ name }) => name !== 'trifold')

it('packs the code, the migrations and what a reader needs, and nothing else', () => {
  for (const { name, paths } of packages) {
    const apart = paths.filter((path) => !/^(dist|src|migrations|public)\//.test(path))
    const expected = ['LICENSE', 'README.md', 'package.json', ...(name === 'trifold' ? ['CHANGELOG.md'] : [])]
    expect(apart.sort(), name).toEqual(expected.sort())
  }
  expect(packed('trifold').paths).toContain('migrations/0001_trifold.sql')
  expect(packed('@trifold/explorer').paths).toContain('public/explorer.js')
  expect(packed('@trifold/console').paths).toContain('public/console.js')
  expect(packed('@trifold/pages').paths).toContain('public/base.css')
})

it('packs every source file once, compiled, with its types and maps, and none that is gone', () => {
  for (const { from, paths } of packages) {
    const sources = trackedFiles()
      .filter((path) => path.startsWith(join(from, 'src/')) && existsSync(join(repository, path)))
      .map((path) => relative(from, path))
    const expected = sources.flatMap((path) => [
      path,
      ...['.js', '.js.map', '.d.ts', '.d.ts.map'].map((end) => path.replace(/^src(.*)\.tsx?$/, `dist$1${end}`)),
    ])
    expect(paths.filter((path) => /^(dist|src)\//.test(path)).sort()).toEqual(expected.sort())
  }
})

it('packs the sources that its maps name', () => {
  for (const { from, paths } of packages) {
    for (const map of paths.filter((path) => path.endsWith('.map'))) {
      const { sources } = JSON.parse(textOf(join(from, map)))
      expect(paths, map).toEqual(expect.arrayContaining(sources.map((path: string) => join(dirname(map), path))))
    }
  }
})

it('has packages of one version, which belong to the library of that version alone', () => {
  const { version, peerDependencies } = JSON.parse(textOf('package.json'))
  expect(packages).toHaveLength(8)
  for (const { name, from } of others()) {
    const manifest = JSON.parse(textOf(join(from, 'package.json')))
    expect(manifest).toMatchObject({ version, peerDependencies: { trifold: version } })
    if (name === '@trifold/pages') continue // it comes with those that have pages
    expect(peerDependencies[name]).toBe(version)
  }
})

describeWithSearch('a project that installs the package and follows the README', () => {
  let database: TestDatabase
  let search: TestSearch
  let consumer: Consumer

  beforeAll(async () => {
    database = await createDatabase({ migrated: false })
    search = createSearch()
    consumer = await Consumer.create([packed('trifold').file], {
      DATABASE_URL: database.url,
      OPENSEARCH_URL: search.url,
    })
    await writeReadmeFiles(consumer.folder)
    await consumer.edit('trifold.config.ts', (text) =>
      text.replace('readModels: {', `indexPrefix: '${search.prefix}',\n  readModels: {`),
    )
    await database.pool.query(await readFile(join(consumer.folder, 'schema.sql'), 'utf8'))
  })
  afterAll(async () => {
    await consumer?.remove()
    await search.close()
    await database.close()
  })

  it('runs the command line', async () => {
    expect(await consumer.trifold('--help')).toContain('Usage: trifold')
    expect(await consumer.trifold('migrate')).toMatch(/ran \d+ migrations, 0001 to \d+/)
    const examined = await consumer.trifold('doctor', '--json').catch(({ stdout }: { stdout: string }) => stdout)
    const problems = JSON.parse(examined).findings.filter((finding: { level: string }) => finding.level === 'problem')
    expect(besideDurability(problems)).toEqual([])
  })

  it('says how to install the packages of the commands that it lacks, and finds them once they are there', async () => {
    const { version } = JSON.parse(textOf('package.json'))
    for (const name of ['compare', 'stack']) {
      const install = `npm install --save-dev @trifold/${name}@${version}`
      expect(await consumer.trifold(name, '--help')).toContain(install)
      const refused = await consumer.failure(name, 'ticket_board', '--html', 'page.html')
      expect(refused).toEqual({ code: 1, stderr: expect.stringContaining(`run \`${install}\` [PACKAGE_MISSING]`) })
    }
    expect(await consumer.trifold('serve', '--help')).toContain(`npm install @trifold/http@${version}`)
    await consumer.install(...others().map(({ file }) => file))
    expect(await consumer.trifold('serve', '--help')).toContain('--api <file>')
    expect(await consumer.trifold('compare', '--help')).toContain('--workload <file>')
    expect(await consumer.failure('stack', 'status')).toEqual({ code: 3, stderr: '' })
    expect(await consumer.failure('compare', 'nothing')).toEqual({
      code: 1,
      stderr: expect.stringContaining('[READ_MODEL_UNKNOWN]'),
    })
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
    expect(await consumer.trifold('rebuild', '--outdated')).toContain('ticket_board@search: generation 1 serves')
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
