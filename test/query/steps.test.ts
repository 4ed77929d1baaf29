import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Row } from '../../src/encoding.ts'
import type { GroupTerm } from '../../src/query.ts'
import { describeWithSearch } from '../support/search.ts'
import { NumberGroups } from './number-groups.ts'

/** Numbers on bounds, below zero, at the ends of their types, and decimals that a double takes for one another. */
const given: Row[] = [
  { quantity: -2147483648, total: '-0.01', rate: '0.1', weight: 0.1, ratio: -0.5 },
  { quantity: -1, total: '0.00', rate: '0.3', weight: 0.2, ratio: 0 },
  { status: 'paid', quantity: 0, total: '9.99', rate: '0.29999999999999999999', weight: 0.7, ratio: 0.1 },
  { status: 'paid', quantity: 2147483647, total: '10.00', rate: '0.2', weight: null, ratio: 0.3 },
  { status: 'paid', quantity: null, total: '39.99', rate: null, weight: 1, ratio: null },
]

describeWithSearch('Groups by ranges of one width', () => {
  let things: NumberGroups
  beforeAll(async () => {
    things = await NumberGroups.open(given)
  })
  afterAll(() => things?.close())

  test('begin at multiples of the width, also below zero', () =>
    things.eachGives({ group: { column: 'total', step: 10 } }, [
      [{ from: '-10.00', to: '0.00' }, 1],
      [{ from: '0.00', to: '10.00' }, 2],
      [{ from: '10.00', to: '20.00' }, 1],
      [{ from: '30.00', to: '40.00' }, 1],
    ]))

  test('lack a bound that the column cannot hold', () =>
    things.eachGives({ group: { column: 'quantity', step: 1_000_000_000 } }, [
      [{ from: null, to: -2_000_000_000 }, 1],
      [{ from: -1_000_000_000, to: 0 }, 1],
      [{ from: 0, to: 1_000_000_000 }, 1],
      [{ from: 2_000_000_000, to: null }, 1],
      [null, 1],
    ]))

  test('are exact for decimals', () =>
    things.eachGives({ group: { column: 'rate', step: '0.1' } }, [
      [{ from: '0.1', to: '0.2' }, 1],
      [{ from: '0.2', to: '0.3' }, 2],
      [{ from: '0.3', to: '0.4' }, 1],
      [null, 1],
    ]))

  test('have bounds as floating-point columns write them', async () => {
    await things.eachGives({ group: { column: 'weight', step: 0.1 } }, [
      [{ from: 0.1, to: 0.2 }, 1],
      [{ from: 0.2, to: 0.3 }, 1],
      [{ from: 0.7, to: 0.8 }, 1],
      [{ from: 1, to: 1.1 }, 1],
      [null, 1],
    ])
    await things.eachGives({ group: { column: 'ratio', step: 0.1 } }, [
      [{ from: -0.5, to: -0.4 }, 1],
      [{ from: 0, to: 0.1 }, 1],
      [{ from: 0.1, to: 0.2 }, 1],
      [{ from: 0.3, to: 0.4 }, 1],
      [null, 1],
    ])
  })

  test('lie around the rows that are asked for, and stand among other terms', () =>
    things.eachGives({ where: { status: 'paid' }, group: ['status', { column: 'total', step: '15' }] }, [
      [['paid', { from: '0.00', to: '15.00' }], 2],
      [['paid', { from: '30.00', to: '45.00' }], 1],
    ]))

  test('of no rows are no groups', () =>
    things.eachGives({ where: { id: -1 }, group: { column: 'total', step: 1 } }, []))

  test('are counted, ordered and kept like other groups', () =>
    things.eachGives({ group: { column: 'total', step: 10 }, sort: '-count', having: { count: { gte: 2 } } }, [
      [{ from: '0.00', to: '10.00' }, 2],
    ]))

  test.each<[GroupTerm, RegExp]>([
    [{ column: 'total', step: 0 }, /`step` of total takes a number above 0, not 0/],
    [{ column: 'total', step: '-1' }, /`step` of total takes a number above 0, not "-1"/],
    [{ column: 'total', step: '0.001' }, /the value for total does not fit/],
    [{ column: 'quantity', step: 0.5 }, /the value for quantity does not fit: 0.5 is not a whole number/],
    [
      { column: 'total', step: 1, ranges: [1] } as never,
      /`group` takes `ranges` or a `step` of numbers, or an `interval`/,
    ],
    [{ column: 'day', step: 1 }, /`ranges` cannot use day/],
    [
      { column: 'total', step: '0.01' },
      /`step` of total makes more than 99 ranges from -0.01 to 39.99; take a larger one/,
    ],
    [{ column: 'quantity', step: 1 }, /`step` of quantity makes more than 99 ranges/],
  ])('%j is refused', async (group, reason) => {
    for (const [, reader] of things.readers)
      await expect(reader.summarize({ group })).rejects.toMatchObject({
        code: 'QUERY_INVALID',
        message: expect.stringMatching(reason),
      })
  })
})
