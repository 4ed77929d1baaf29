import { afterEach, describe, expect, it, vi } from 'vitest'
import { FeedCatchUp } from '../../src/consumer/catch-up.ts'
import type { PageEnd } from '../../src/feed/page.ts'
import type { EventFed } from '../../src/materializer.ts'
import { buildNext } from '../../src/rebuild/build-next.ts'
import { type Generation, servingGeneration } from '../../src/schema/generations.ts'
import type { Snapshot } from '../../src/snapshot.ts'
import { fewOrMany } from '../support/long.ts'
import { inOneTransaction, placeOrder } from '../support/market/writer.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../support/search.ts'
import { type MarketModel, WrittenBetween } from './written-between.ts'

const seed = Number(process.env.TRIFOLD_SEED ?? Math.floor(Math.random() * 1e6))
const rebuilds = fewOrMany(6, 10)

/** What a wrong design makes of the ranges. */
const mutant = vi.hoisted(() => {
  process.env.TRIFOLD_RANGE_ROWS = '2'
  return { of: undefined as undefined | 'none' | 'first' | 'last' | 'forgets' }
})

vi.mock('../../src/lease/range-snapshots.ts', async (original) => {
  const right = await original<typeof import('../../src/lease/range-snapshots.ts')>()
  const wrong = {
    none: () => undefined,
    first: (ranges: { snapshot: unknown }[]) => ranges[0]?.snapshot,
    last: (ranges: { snapshot: unknown }[]) => ranges.at(-1)?.snapshot,
  }
  return {
    ...right,
    dropShownByRanges: async (...given: Parameters<typeof right.dropShownByRanges>) => {
      if (mutant.of === undefined || mutant.of === 'forgets') return right.dropShownByRanges(...given)
      const [client, definition, ranges, changes] = given
      const snapshot = wrong[mutant.of](ranges as never) as never
      const one = snapshot ? [{ number: 0, after: undefined, upTo: undefined, rows: 0, snapshot }] : []
      return right.dropShownByRanges(client, definition, one, changes)
    },
    forgetRangeSnapshots: async (...given: Parameters<typeof right.forgetRangeSnapshots>) => {
      const [client, lease, reflected] = given
      const all = lease.ranges.map(({ snapshot }) => snapshot)
      const early = mutant.of === 'forgets' ? (all.at(-1) ?? reflected) : reflected // as if all were passed
      return right.forgetRangeSnapshots(client, lease, early)
    },
  }
})

let stand: WrittenBetween
let search: TestSearch | undefined
afterEach(async () => {
  mutant.of = undefined
  await stand?.close()
  await search?.close()
  search = undefined
})

/** Rebuilds until rows differ. @returns after how many rebuilds; undefined if they never did */
async function differsAfter(
  model: MarketModel,
  times: number,
  rebuild: () => Promise<unknown> = () => stand.rebuild(),
): Promise<number | undefined> {
  stand = await WrittenBetween.open(model, seed, search)
  for (let time = 1; time <= times; time++) {
    await rebuild()
    const { found, expected } = await stand.rows()
    if (JSON.stringify(found) !== JSON.stringify(expected)) return time
  }
  return undefined
}

const models: MarketModel[] = ['plain_order', 'day_total', 'pictured_order']

describe(`a table that is copied range by range while its rows change (TRIFOLD_SEED=${seed})`, () => {
  it.each(models)('%s equals its definition after each rebuild', async (model) => {
    expect(await differsAfter(model, rebuilds)).toBeUndefined()
    expect(stand.ranges).toBeGreaterThan(2 * rebuilds)
    const remembered = await stand.pool.query('select from trifold.range_snapshots')
    expect(remembered.rowCount).toBe(0)
  })

  it.each([
    ['none of the snapshots', 'none'],
    ['one snapshot for all ranges, the first', 'first'],
    ['one snapshot for all ranges, the last', 'last'],
    ['no snapshot once the first window has passed', 'forgets'],
  ] as const)('differs if it remembers %s (mutant)', async (_, kind) => {
    mutant.of = kind
    expect(await differsAfter('day_total', 60)).toBeDefined()
  })
})

describeWithSearch(`an index that is copied range by range while its rows change (TRIFOLD_SEED=${seed})`, () => {
  it.each(['day_total', 'pictured_order'] as const)('%s equals its definition after each rebuild', async (model) => {
    search = createSearch()
    expect(await differsAfter(model, fewOrMany(2, 6))).toBeUndefined()
    expect(stand.ranges).toBeGreaterThan(4)
  })

  /**
   * Catches up in one page: a takeover goes back to its beginning. As a consumer that rebuilds its own target it has nobody
   * to fence, so no page follows.
   *
   * @param passed what is said to be passed
   */
  const rebuildInOnePage = async (passed: (said: Snapshot | undefined, page: PageEnd) => Snapshot | undefined) => {
    const materializer = stand.materializer()
    const apply: EventFed['apply'] = async (page, ...given) => {
      const applied = await materializer.apply(page, ...given)
      return applied.kind === 'lost' ? applied : { ...applied, passed: passed(applied.passed, page) }
    }
    const { projector } = stand.driver
    const catchUp = (next: Generation) => new FeedCatchUp({ ...materializer, apply }, projector, next)
    await stand.rebuild({ ...materializer, fence: undefined }, { catchUp })
  }

  it('counts no event twice if a takeover goes back over the page that passed its ranges', async () => {
    search = createSearch()
    expect(await differsAfter('day_total', 2, () => rebuildInOnePage((said) => said))).toBeUndefined()
  })

  it('counts events twice if ranges are forgotten at the cursor (mutant)', async () => {
    search = createSearch()
    expect(await differsAfter('day_total', 20, () => rebuildInOnePage((_, page) => page.snapshot))).toBeDefined()
  })

  it('differs if it remembers none of the snapshots (mutant)', async () => {
    search = createSearch()
    mutant.of = 'none'
    expect(await differsAfter('day_total', 20)).toBeDefined()
  })
})

describe('a copy by ranges', () => {
  it('serves once it has passed the snapshots of all ranges', async () => {
    stand = await WrittenBetween.open('plain_order', seed)
    const open = await stand.database.pool.connect()
    await open.query('begin')
    await placeOrder(open, 101, { quantity: 1, productId: 1, day: '2026-01-01' })
    const materializer = stand.materializer(async () => {
      if (stand.ranges === 2) await open.query('commit')
    })
    const { projector } = stand.driver
    const generation = await buildNext(materializer, {
      reason: 'test',
      catchUp: (next) => new FeedCatchUp(materializer, projector, next),
    })
    open.release()
    const { rows } = await stand.pool.query(
      'select windows.snapshot::text from trifold.consumers join trifold.windows on id = window_id where generation_id = $1',
      [generation.id],
    )
    expect(rows).toHaveLength(1)
    const { found, expected } = await stand.rows()
    expect(found).toEqual(expected)
  })

  it('leaves a definition at one snapshot to a caller who cannot catch up', async () => {
    stand = await WrittenBetween.open('plain_order', seed)
    await buildNext(stand.materializer(), { reason: 'test' })
    expect(stand.ranges).toBe(0)
    expect(await servingGeneration(stand.pool, 'plain_order@table')).toBeDefined()
    const order = { quantity: 1, productId: 1, day: '2026-01-01' }
    await inOneTransaction(stand.database.pool, (client) => placeOrder(client, 102, order))
    const { found, expected } = await stand.rows()
    expect(found).toEqual(expected)
  })
})
