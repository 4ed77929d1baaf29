import type { Client } from '@opensearch-project/opensearch'
import { copyOut } from '../src/database/copy-out.ts'
import { openClient } from '../src/database.ts'
import { openExport } from '../src/export.ts'
import { openSearchClient } from '../src/opensearch/client.ts'
import { rawAnswer } from '../src/opensearch/raw-answer.ts'
import { type Generation, servingGeneration } from '../src/schema/generations.ts'
import type { Toolkit } from '../src/toolkit.ts'
import type { Bench } from './bench.ts'
import { withBuiltOrders } from './built-orders.ts'
import { type Figure, figureOf } from './figure.ts'

const bench = 'export'
const documentsPerPage = 5_000

/** Rows a second as CSV: of table and view against a bare `copy`, of an index against bare pages of a point in time. */
export const exporting: Bench = {
  name: bench,
  search: true,
  title: 'CSV of all rows against a bare copy, and against bare pages of a point in time',
  run: (context) =>
    withBuiltOrders(context, 'bench_export', { table: {}, view: { every: '1h' } }, async (toolkit) => {
      const { options, searchUrl, log } = context
      const figures: Figure[] = []
      for (const target of toolkit.targetNames)
        figures.push(await inTurn(toolkit, target, options.rounds, searchUrl, log))
      return figures
    }),
}

/** The first round is not counted. */
async function inTurn(
  toolkit: Toolkit,
  target: string,
  rounds: number,
  searchUrl: string | undefined,
  log: (line: string) => void,
): Promise<Figure> {
  const generation = (await servingGeneration(toolkit.pool, target)) as Generation
  const isIndex = target.endsWith('@search')
  const [exported, bare]: [number[], number[]] = [[], []]
  for (let round = 0; round <= rounds; round++) {
    const rate = await rowsASecond(() => exportAll(toolkit, target))
    const control = await rowsASecond(() =>
      isIndex ? readPages(searchUrl as string, generation) : copyAll(toolkit.config.database, generation),
    )
    log(`${target}: ${Math.round(rate)} rows/s exported, ${Math.round(control)} rows/s bare`)
    if (round === 0) continue
    exported.push(rate)
    bare.push(control)
  }
  const control = { name: isIndex ? 'bare pages of a point in time' : 'a bare copy', rounds: bare }
  return figureOf({
    bench,
    name: target,
    unit: 'rows/s',
    rounds: exported,
    control,
    goal: { of: 'ratio', atLeast: 0.8 },
  })
}

async function rowsASecond(read: () => Promise<number>): Promise<number> {
  const began = performance.now()
  const rows = await read()
  return (rows * 1_000) / (performance.now() - began)
}

async function exportAll(toolkit: Toolkit, target: string): Promise<number> {
  const exported = await openExport(toolkit, target, {})
  for await (const _ of exported);
  return exported.rows
}

async function copyAll(databaseUrl: string, { storage }: Generation): Promise<number> {
  const client = await openClient(databaseUrl, { name: 'copy' })
  let rows = 0
  try {
    const statement = `copy (select * from trifold.${storage}) to stdout (format csv)`
    for await (const _ of copyOut(client, statement, () => rows++));
    return rows
  } finally {
    await client.end()
  }
}

async function readPages(url: string, { storage }: Generation): Promise<number> {
  const client = openSearchClient({ url })
  try {
    const { body } = await client.createPit({ index: [storage], keep_alive: '1m' })
    const rows = await readAll(client, body.pit_id as string)
    await client.deletePit({ body: { pit_id: [body.pit_id as string] } })
    return rows
  } finally {
    await client.close()
  }
}

async function readAll(client: Client, id: string): Promise<number> {
  for (let [rows, after] = [0, '']; ; ) {
    const asked = { pit: { id, keep_alive: '1m' }, size: documentsPerPage, track_total_hits: false }
    const body = JSON.stringify({ ...asked, sort: [{ _shard_doc: 'asc' }], ...(after && { search_after: [after] }) })
    const answer = await rawAnswer('reading', client.search({ body: body as never }, { asStream: true }))
    const last = /"sort":\[(\d+)\]\}*\]\}*$/.exec(answer.toString('latin1', Math.max(0, answer.length - 200)))?.[1]
    if (!last) return rows
    after = last
    rows += documentsPerPage // of the last page it is at most as many
  }
}
