// Random conditions on the things of `catalog.ts`.

import fc from 'fast-check'
import type { Value } from '../../src/encoding.ts'
import type { Find } from '../../src/query.ts'
import { values } from './catalog.ts'

const operators = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte']
const texts = ['name', 'status', 'region']
const prefixes = ['', 'a', 'A', 'ä', ' ', 'ﬁ', '\uFFFD', '😀', 'n', 'pa', '%', '_', '\\', '*', '?']

const value = (column: string): fc.Arbitrary<Value> =>
  column === 'id' ? fc.integer({ min: -50, max: 2_000 }) : fc.constantFrom(...(values[column] as Value[]))

const exists = fc.boolean().map((asked) => ({ exists: asked }))

function condition(column: string): fc.Arbitrary<object | Value> {
  const one = value(column)
  const allowed = column === 'active' ? ['eq', 'ne'] : operators
  return fc.oneof(
    one,
    fc.constant(null),
    fc.constantFrom({ ne: null }, { eq: null }),
    exists,
    fc.tuple(fc.constantFrom(...allowed), one).map(([operator, bound]) => ({ [operator]: bound })),
    fc.tuple(one, one).map(([low, high]) => (column === 'active' ? { ne: low } : { gte: low, lt: high })),
    fc.array(one, { maxLength: 4 }).map((list) => ({ in: list })),
    ...(texts.includes(column) ? [fc.constantFrom(...prefixes).map((prefix) => ({ prefix }))] : []),
  )
}

const tagCondition = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('red', 'Rot', '😀', 'a,b', '"', 'none').map((tag) => ({ has: tag })) },
  { weight: 1, arbitrary: exists },
)

const ofColumns = (minLength: number): fc.Arbitrary<object> =>
  fc
    .uniqueArray(fc.constantFrom(...Object.keys(values), 'tags'), { minLength, maxLength: 3 })
    .chain((columns) =>
      fc.record(Object.fromEntries(columns.map((name) => [name, name === 'tags' ? tagCondition : condition(name)]))),
    )

const { member } = fc.letrec<{ member: object; joined: object }>((tie) => {
  const list = fc.array(tie('member'), { minLength: 1, maxLength: 3 })
  return {
    member: fc.oneof({ depthSize: 'small', withCrossShrink: true }, ofColumns(1), tie('joined')),
    joined: fc
      .tuple(
        ofColumns(0),
        fc.oneof(fc.record({ or: list }), fc.record({ not: tie('member') }), fc.record({ and: list })),
      )
      .map(([columns, join]) => ({ ...columns, ...join })),
  }
})

/** Conditions on up to three columns, or such conditions joined by `and`, `or` and `not`. */
export const where = fc.oneof(ofColumns(0), member) as fc.Arbitrary<Find['where']>
