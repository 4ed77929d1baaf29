// Random requests to find.

import fc from 'fast-check'
import type { Find } from '../../src/query/request.ts'
import { values } from './catalog.ts'
import { where } from './conditions.ts'

const ordered = Object.keys(values)

const texts = ['region', 'name', 'status']
const compared = (name: string) => (texts.includes(name) ? [name, `${name} ignoring case`] : [name])
const bothEnds = (term: string) => [term, `${term} missing first`]
const ways = (name: string) =>
  compared(name)
    .flatMap(bothEnds)
    .flatMap((term) => [term, `-${term}`])

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
