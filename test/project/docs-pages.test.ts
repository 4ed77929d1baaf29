import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { findOnPath } from '../../packages/stack/src/find-on-path.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { type Block, blocksOf } from './docs-page.ts'
import { DocsProject } from './docs-project.ts'
import { writeReadmeFiles } from './readme-blocks.ts'

const hasPsql = (await findOnPath('psql', process.env)) !== undefined
if (!hasPsql) {
  if (process.env.CI) throw new Error('the pages of the documentation cannot be followed: no psql is on the PATH')
  process.stderr.write('the pages of the documentation are not followed: no psql is on the PATH\n')
}

let database: TestDatabase
let project: DocsProject

const open = async () => {
  database = await createDatabase({ migrated: false })
  project = await DocsProject.create({ DATABASE_URL: database.url, OPENSEARCH_URL: inject('openSearchUrl') })
}
const close = async () => {
  await project?.remove()
  await database?.close()
}

describe.skipIf(!hasPsql).each(['docs/start.md', 'docs/handlers.md'])('%s', (page) => {
  beforeAll(open)
  afterAll(close)

  it('prints what the page shows, and compiles', async () => {
    const blocks = blocksOf(page)
    const printed = await project.follow(blocks)
    for (const [block, shown] of outputsOf(blocks)) {
      expect(comparable(printed.get(block.line) ?? ''), `${page}:${block.line}`).toBe(comparable(shown.text))
    }
    expect(await project.compile()).toBe('')
  })
})

describe("pages on the README's read model", () => {
  beforeAll(async () => {
    await open()
    await writeReadmeFiles(project.folder)
    await project.write('blocks/given.ts', given)
    await project.write('blocks/modules.d.ts', modules)
    await database.pool.query(await readFile(join(project.folder, 'schema.sql'), 'utf8'))
    await project.output('set -e; npx trifold migrate; npx trifold types')
  })
  afterAll(close)

  it('compile', async () => {
    for (const page of [
      'index',
      'queries',
      'http',
      'explorer',
      'console',
      'consistency',
      'comparing',
      'errors',
      'operations',
    ]) {
      for (const { file, language, text, line } of blocksOf(`docs/${page}.md`)) {
        if (file) await project.write(file, text)
        else if (language === 'ts') await project.write(`blocks/${page}-${line}.ts`, asModule(text))
      }
    }
    expect(await project.compile()).toBe('')
  })
})

/** The names that the pages take for granted. */
const given = `
import type pg from 'pg'
import { type CommitToken, openTrifold } from 'trifold'
import config from '../trifold.config.ts'

const open = () => openTrifold(config)

declare global {
  var trifold: Awaited<ReturnType<typeof open>>
  var commit: CommitToken
  var client: pg.PoolClient
  function closeTicket(id: number): Promise<CommitToken>
}
`

/** What the pages use of packages that Trifold does not depend on. */
const modules = `
declare module 'prom-client' {
  interface Settings { name: string; help: string; labelNames: string[] }
  export class Counter { constructor(settings: Settings); inc(labels: object, value?: number): void }
  export class Histogram { constructor(settings: Settings); observe(labels: object, value: number): void }
}
declare module '@opentelemetry/api' {
  interface Span {
    setAttribute(name: string, value: string): Span
    setStatus(status: { code: number; message: string }): Span
    end(): void
  }
  type Attributes = Record<string, string | number | boolean | undefined>
  interface Tracer { startSpan(name: string, options: { startTime: number; attributes: Attributes }): Span }
  export const trace: { getTracer(name: string): Tracer }
  export const SpanStatusCode: { ERROR: number }
}
declare module '@aws-sdk/types' {
  export interface Credentials { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
}
`

/** A block as a module: its imports, and the rest in a function, so that it may wait and return. */
function asModule(text: string): string {
  const imports = (text.match(/^import .*$/gm) ?? []).map((line) => line.replace("'./", "'../"))
  const rest = text.replaceAll(/^import .*$/gm, '')
  return [...imports, 'export async function block() {', rest, '}'].join('\n')
}

/** Each `sh` block that has its output behind it. */
const outputsOf = (blocks: Block[]): [Block, Block][] =>
  blocks.flatMap((block, place) => {
    const next = blocks[place + 1]
    return block.language === 'sh' && next?.language === 'text' ? [[block, next] as [Block, Block]] : []
  })

/** Without what differs from run to run: the shell's own lines, figures and their units, a process, the width of a table. */
const comparable = (output: string): string =>
  output
    .replaceAll(/^\[\d+\]\+? .*\n/gm, '')
    .replaceAll(/\(\S+, epoch/g, '(process, epoch')
    .replaceAll(/\d[\d.,:]*( (ms|s|kB|MB|bytes)\b)?/g, '#')
    .replaceAll(/[ -]+/g, ' ')
    .trim()
