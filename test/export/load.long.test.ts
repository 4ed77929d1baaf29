import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openClient } from '../../src/database.ts'
import { keyText } from '../../src/definition/key.ts'
import { definitionRows, keyOf, readRow } from '../../src/definition/rows.ts'
import type { Row } from '../../src/encoding.ts'
import { loadFormat } from '../../src/export/format.ts'
import { openPosition, type Position } from '../../src/export/position.ts'
import { PositionRows } from '../../src/export/position-rows.ts'
import { planExport } from '../../src/export/request.ts'
import { RowExport } from '../../src/export/row-export.ts'
import { noStandIns } from '../../src/export/stand-ins.ts'
import { marketModels } from '../support/market.ts'
import { until } from '../support/until.ts'
import { LoadedMarket, withView } from '../verify/loaded-market.ts'

const seed = Number(process.env.TRIFOLD_TEST_SEED ?? Date.now() % 1_000_000)
const runs = Number(process.env.TRIFOLD_TEST_RUNS ?? 3)
const attempts = 100

let market: LoadedMarket
beforeAll(async () => {
  market = await LoadedMarket.open(seed, { models: withView(marketModels), writers: 4 })
})
afterAll(() => market.close())

/** The keys of the rows in which an export differs from its definition at the snapshot that it names. */
async function differing(
  target: string,
  changed: (position: Position) => Position | Promise<Position> = (one) => one,
  where: Row = {},
): Promise<string[]> {
  const materializer = market.toolkit.target(target)
  const { definition } = materializer.context
  const position = await openPosition(materializer, market.toolkit.config.events)
  const reader = await openClient(market.database.url, { name: 'test' })
  try {
    const { rows } = await position.client.query('select pg_export_snapshot() as id')
    await reader.query('begin isolation level repeatable read')
    await reader.query(`set transaction snapshot '${rows[0].id}'`)
    const defined = await definitionRows(reader, definition)
    const options = { format: 'ndjson', formatOf: await loadFormat('ndjson', false), signal: undefined } as const
    const plan = planExport({ definition }, { where })
    const exported = new RowExport(
      definition,
      new PositionRows(definition, await changed(position), plan),
      plan,
      options,
    )
    const found = new Map<string, Row>()
    let text = ''
    for await (const chunk of exported) text += Buffer.from(chunk).toString()
    for (const line of text.split('\n').filter(Boolean)) {
      const row = JSON.parse(line) as Row
      found.set(keyText(definition.key, keyOf(definition, row)), row)
    }
    expect(found.size).toBe(exported.rows)
    const shown = (row: Row | undefined) => JSON.stringify(row)
    for (const [key, row] of defined)
      if (Object.entries(where).some(([name, value]) => row[name] !== value)) defined.delete(key)
    return [...new Set([...defined.keys(), ...found.keys()])].filter((key) => {
      const row = defined.get(key)
      return shown(row && readRow(definition, row)) !== shown(found.get(key))
    })
  } finally {
    await reader.end()
    await position.close()
  }
}

const fed = () => market.toolkit.targetNames.filter((name) => market.toolkit.target(name).fedBy === 'events')

describe(`an export while the market is written (TRIFOLD_TEST_SEED=${seed})`, () => {
  it(`equals the definition at its snapshot, in ${runs} runs over all targets`, async () => {
    const before = market.load.transactions
    let run = 0
    do {
      for (const target of fed()) {
        expect(await differing(target), `${target}, run ${run}`).toEqual([])
        expect(await differing(target, undefined, { product_id: 1 + (run % 3) }), `some of ${target}`).toEqual([])
      }
      run += 1
    } while (run < runs || market.load.transactions - before < 200)
  })

  it('of a view is of one refresh', async () => {
    const materializer = market.toolkit.target('plain_order@view')
    for (let run = 0; run < 20; run++) {
      const position = await openPosition(materializer, market.toolkit.config.events)
      const { rows } = await position.client.query(
        `select snapshot::text, row_count from trifold.generations where id = '${position.generation.id}'`,
      )
      const { definition } = materializer.context
      const options = { format: 'csv', formatOf: await loadFormat('csv', true), signal: undefined } as const
      const plan = planExport({ definition })
      const exported = new RowExport(definition, new PositionRows(definition, position, plan), plan, options)
      for await (const _ of exported);
      expect([exported.snapshot, exported.rows]).toEqual([rows[0].snapshot, Number(rows[0].row_count)])
    }
  })

  it.each(['plain_order@table', 'day_total@table', 'plain_order@search'])(
    'without the rows that events ahead stand for differs, as %s is behind its outbox',
    async (target) => {
      const wrong = (position: Position): Position => ({ ...position, standIns: noStandIns })
      let run = 0
      while ((await differing(target, wrong)).length === 0) expect(++run).toBeLessThan(attempts)
    },
  )

  it('without the point in time of its position differs, as the index goes on', async () => {
    const { freeze } = market.toolkit.target('plain_order@search')
    const later = async (position: Position): Promise<Position> => {
      const before = market.load.transactions
      market.load.run()
      await until('50 more transactions', () => market.load.transactions >= before + 50)
      await market.settle()
      return { ...position, frozen: await freeze?.(position.generation) }
    }
    await market.settle() // no row stands in for one of the index, which would be right at any time
    expect(await differing('plain_order@search', later)).not.toEqual([])
  })
})
