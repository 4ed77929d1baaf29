import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { byKey, definitionRows } from '../../src/definition/rows.ts'
import type { Row } from '../../src/encoding.ts'
import type { EventFed, FrozenRows } from '../../src/materializer.ts'
import type { Generation } from '../../src/schema/generations.ts'
import { eventFed } from '../../src/testing/feeds.ts'
import { Ahead } from '../../src/verify/ahead.ts'
import { compareFed } from '../../src/verify/compare-fed.ts'
import { describeWithSearch } from '../support/search.ts'
import { allRows } from '../support/target-driver.ts'
import { LoadedMarket } from './loaded-market.ts'

// Designs that look right and are not: under load each raises an alarm although nothing is wrong.

const seed = Number(process.env.TRIFOLD_TEST_SEED ?? Date.now() % 1_000_000)

/** Of the one that depends on what the writers do between two statements. */
const attempts = 100

let market: LoadedMarket
beforeAll(async () => {
  market = await LoadedMarket.open(seed)
})
afterAll(() => market.close())
afterEach(() => void vi.restoreAllMocks())

/** The keys that differ in a verification. */
async function alarms(materializer: EventFed): Promise<string[]> {
  const { findings } = await compareFed(materializer, market.toolkit.config.events, 8)
  return [...findings.keys.keys()]
}

const target = (name: string): EventFed => eventFed(market.toolkit.target(name))

describe(`a wrong design of verify raises false alarms (TRIFOLD_TEST_SEED=${seed})`, () => {
  it('that reads the table at another snapshot than the definition', async () => {
    const table = target('plain_order@table')
    expect(await alarms({ ...table, freeze: async () => rowsNow(table) })).not.toEqual([])
  })

  it('that compares the rows as the cursor left them', async () => {
    vi.spyOn(Ahead.prototype, 'keys', 'get').mockReturnValue(new Map())
    vi.spyOn(Ahead.prototype, 'recomputes').mockReturnValue(false)
    expect(await market.whileBehind('plain_order', () => alarms(target('plain_order@table')))).not.toEqual([])
  })

  it('that recomputes the rows ahead at a newer snapshot', async () => {
    const table = target('pictured_order@table')
    let newest = new Map<string, Row>()
    const { after } = Ahead.prototype
    vi.spyOn(Ahead.prototype, 'after').mockImplementation(function (this: Ahead, operations, kept) {
      const row = after.call(this, operations, kept)
      return row === 'recompute' ? newest.get(operations.text) : row
    })
    const reading = setInterval(async () => {
      newest = await definitionRows(market.toolkit.pool, table.context.definition)
    }, 5)
    try {
      let found = await alarms(table)
      for (let run = 1; run < attempts && found.length === 0; run++) found = await alarms(table)
      expect(found).not.toEqual([])
    } finally {
      clearInterval(reading)
    }
  })
})

describeWithSearch('a wrong design of verify of an index raises false alarms', () => {
  it('that reads the index as it is, and not at a point in time before the snapshot', async () => {
    const search = target('plain_order@search')
    const freeze = async (generation: Generation) => new Unfrozen(search, generation)
    expect(await alarms({ ...search, freeze })).not.toEqual([])
  })

  it('that forgets how far each document has come', async () => {
    const search = target('day_total@search')
    const freeze = async (generation: Generation) => {
      await market.movesOn() // beyond the cursor that was read before
      const frozen = (await search.freeze?.(generation)) as FrozenRows
      const kept = async (keys: readonly string[]) =>
        new Map([...(await frozen.kept(keys))].map(([key, one]) => [key, { ...one, ordinal: 0 }]))
      return {
        rows: frozen.rows.bind(frozen),
        someRows: frozen.someRows.bind(frozen),
        kept,
        close: () => frozen.close(),
      }
    }
    expect(await alarms({ ...search, freeze })).not.toEqual([])
  })
})

/** The rows of a table whenever they are asked for. */
async function rowsNow(table: EventFed): Promise<FrozenRows> {
  const { definition } = table.context
  return {
    rows: async (limit, after) => {
      await market.movesOn()
      return (await table.storedRows(limit, after)).slice(0, limit)
    },
    someRows: async () => [],
    kept: async () =>
      new Map(
        [...byKey(definition, await allRows(table))].map(([key, row]) => [
          key,
          { row, ordinal: 0, snapshot: undefined },
        ]),
      ),
    close: async () => {},
  }
}

/** The documents of an index whenever they are asked for. */
class Unfrozen implements FrozenRows {
  private readonly search: EventFed
  private readonly generation: Generation

  constructor(search: EventFed, generation: Generation) {
    this.search = search
    this.generation = generation
  }

  async rows(limit: number, after: Row | undefined): Promise<Row[]> {
    await market.movesOn()
    return this.read((frozen) => frozen.rows(limit, after))
  }

  someRows(count: number): Promise<Row[]> {
    return this.read((frozen) => frozen.someRows(count))
  }

  kept(keys: readonly string[]) {
    return this.read((frozen) => frozen.kept(keys))
  }

  async close(): Promise<void> {}

  private async read<T>(work: (frozen: FrozenRows) => Promise<T>): Promise<T> {
    const frozen = (await this.search.freeze?.(this.generation)) as FrozenRows
    try {
      return await work(frozen)
    } finally {
      await frozen.close()
    }
  }
}
