import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Row } from '../../src/encoding.ts'
import type { Reader } from '../../src/query.ts'
import { describeWithSearch } from '../support/search.ts'
import { NumberGroups } from './number-groups.ts'

/** Decimals that a double takes for one another, and numbers on bounds. */
const given: Row[] = [
  { rate: '123456789012345678.1', total: '10.00', weight: 0.1 },
  { rate: '123456789012345678.2', total: '9.99', weight: 0.1 },
  { rate: '123456789012345678.3', total: '10.01', weight: 0.7 },
  { rate: null, total: '50.00', weight: null },
  { rate: '-1', total: null, weight: -1.5 },
]

describeWithSearch('Groups by ranges of numbers', () => {
  let things: NumberGroups
  beforeAll(async () => {
    things = await NumberGroups.open(given)
  })
  afterAll(() => things?.close())

  test('are half-open, and rows without a value are in the group of null', () =>
    things.eachGives({ group: { column: 'total', ranges: [10, '50'] }, sort: 'group' }, [
      [{ from: null, to: '10.00' }, 1],
      [{ from: '10.00', to: '50.00' }, 2],
      [{ from: '50.00', to: null }, 1],
      [null, 1],
    ]))

  test('compare decimals exactly, and leave out ranges without rows', () =>
    things.eachGives({ group: { column: 'rate', ranges: ['0', '1', '123456789012345678.20'] }, sort: '-group' }, [
      [{ from: '123456789012345678.2', to: null }, 2],
      [{ from: '1', to: '123456789012345678.2' }, 1],
      [{ from: null, to: '0' }, 1],
      [null, 1],
    ]))

  test('compare numbers of single precision as they are written', () =>
    things.eachGives({ group: { column: 'weight', ranges: [0.1, 0.7] }, sort: '-count' }, [
      [{ from: 0.1, to: 0.7 }, 2],
      [{ from: null, to: 0.1 }, 1],
      [{ from: 0.7, to: null }, 1],
      [null, 1],
    ]))

  test('stand among other terms, in the order of all', () =>
    things.eachGives({ group: ['status', { column: 'total', ranges: [10] }, 'weight'], sort: 'group' }, [
      [['new', { from: null, to: '10.00' }, 0.1], 1],
      [['new', { from: '10.00', to: null }, 0.1], 1],
      [['new', { from: '10.00', to: null }, 0.7], 1],
      [['new', { from: '10.00', to: null }, null], 1],
      [['new', null, -1.5], 1],
    ]))

  test('of which there are too many for an index are refused with a target that can', async () => {
    const ranges = Array.from({ length: 30 }, (_, place) => place)
    const group = ['total', 'rate'].map((column) => ({ column, ranges }))
    const [[, table], , [, index]] = things.readers as unknown as [[string, Reader], unknown, [string, Reader]]
    expect((await table.summarize({ group })).groups).toHaveLength(4)
    await expect(index.summarize({ group })).rejects.toMatchObject({
      code: 'QUERY_UNSUPPORTED',
      message: 'query: things@search takes at most 500 combinations of ranges, not 1024; ask things@table',
    })
  })
})
