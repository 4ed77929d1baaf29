// Random requests to find.

import fc from 'fast-check'
import type { Find } from '../../src/query/request.ts'
import { values } from './catalog.ts'
import { where } from './conditions.ts'

const ordered = Object.keys(values)

const ways = (name: string) => [name, `-${name}`, `${name} missing first`, `-${name} missing first`]

const sort = fc
  .uniqueArray(fc.constantFrom(...ordered), { maxLength: 3 })
  .chain((columns) => fc.tuple(...columns.map((name) => fc.constantFrom(...ways(name)))))

const columns = fc.option(
  fc.uniqueArray(fc.constantFrom('tags', 'extra', ...ordered), { minLength: 1, maxLength: 4 }),
  {
    nil: undefined,
  },
)

export const someFind: fc.Arbitrary<Find> = fc.record({
  where,
  columns,
  sort,
  limit: fc.integer({ min: 40, max: 300 }),
  total: fc.boolean(),
})
