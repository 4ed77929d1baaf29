import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseExactly } from '../../src/opensearch/exact-json.ts'

describe('parseExactly', () => {
  it('gives an integer that a number cannot hold as text', () => {
    expect(parseExactly('{"a":9007199254740993,"b":[-9223372036854775808,1]}')).toEqual({
      a: '9007199254740993',
      b: ['-9223372036854775808', 1],
    })
  })

  it('leaves digits inside strings, fractions and exponents alone', () => {
    const json =
      '{"a":"9007199254740993, \\"x\\":9007199254740993","b":0.30000000000000004,"c":[1234567890123456789.5e3]}'
    expect(parseExactly(json)).toEqual(JSON.parse(json))
  })

  it('gives back whatever JavaScript wrote', () => {
    const doubles = fc.double({ noNaN: true, noDefaultInfinity: true })
    const values = fc.oneof(
      fc.json().map((json) => JSON.parse(json)),
      fc.array(doubles),
      fc.constant([1e16, 2 ** 60, 1e20]),
    )
    fc.assert(
      fc.property(values, (value) => {
        const json = JSON.stringify(value)
        expect(parseExactly(json)).toEqual(JSON.parse(json))
      }),
    )
  })

  it('gives back every 64-bit integer', () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (integer) => {
        const { value } = parseExactly(`{"value":${integer}}`) as { value: number | string }
        expect(BigInt(String(value))).toBe(integer)
      }),
    )
  })
})
