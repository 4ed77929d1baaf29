/** Digits below the line, squares and cubes, letterlike signs, fractions and Roman numerals, digits in circles. */
const blocks: readonly (readonly [number, number])[] = [
  [0xb2, 0xb3],
  [0xbc, 0xbe],
  [0x2080, 0x2089],
  [0x2100, 0x214f],
  [0x2150, 0x2188],
  [0x2460, 0x2473],
]

/** What stands behind a word and is no part of it: `Brand™`. */
const signs = new Set('℠™')

/**
 * Characters that stand for plain letters and digits, as a `mapping` of characters: `H₂O` is found by `h2o`, `m²` by `m2`,
 * `№` by `no`, `½` by `1/2`. The tokenizer takes most of them for the end of a word. The decompositions are those of Unicode.
 */
export const compatibilityRules = (): string[] =>
  blocks.flatMap(([from, to]) =>
    Array.from({ length: to - from + 1 }, (_, place) => String.fromCharCode(from + place)).flatMap(ruleOf),
  )

function ruleOf(character: string): string[] {
  const plain = character.normalize('NFKD').replace('\u2044', '/')
  if (signs.has(character) || !/^[A-Za-z0-9/]+$/.test(plain)) return []
  const space = plain.includes('/') ? '\\u0020' : '' // 2½ is not 21/2
  return [`${character} => ${space}${plain}`]
}
