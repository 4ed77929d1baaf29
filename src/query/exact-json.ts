/** How deep JSON is nested, at most, and what is said of more. */
export interface Depth {
  most: number
  /** What is thrown for more. */
  refusal(): Error
}

const tokens = /"(?:[^"\\]|\\.)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|[[\]{}]/g

/**
 * Parses JSON without losing digits: a number that a JavaScript number would change (`9007199254740993`, `0.12345678901234567890`)
 * arrives as its text, which conditions take as they take the number.
 *
 * @throws SyntaxError, and the refusal of {@link Depth}
 */
export function parseExactly(json: string, limit?: Depth): unknown {
  let depth = 0
  const exact = json.replace(tokens, (token, at: number) => {
    if (token === '{' || token === '[') {
      depth += 1
      if (limit && depth > limit.most) throw limit.refusal()
    } else if (token === '}' || token === ']') {
      depth -= 1
    } else if (!token.startsWith('"') && !isExact(token) && isWhole(json, at, token)) {
      return `"${token}"`
    }
    return token
  })
  return JSON.parse(exact)
}

/** Digits that go on before or behind it, or a colon, are no number of JSON: its parser refuses them. */
function isWhole(json: string, at: number, token: string): boolean {
  const end = at + token.length
  return !/[\w.+-]/.test(json[at - 1] ?? ' ') && !/^(?:[\w.+-]|\s*:)/.test(json.slice(end, end + 100))
}

/** Fewer digits than these a double keeps. */
const surelyExact = 15

const isExact = (token: string): boolean =>
  (token.length <= surelyExact && !/[eE]/.test(token)) || decimalOf(String(Number(token))) === decimalOf(token)

/** The same for all ways to write a number: sign, digits without zeros at their ends, and the place of the point. */
function decimalOf(number: string): string {
  const [, sign, whole, fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? []
  if (whole === undefined) return number // Infinity
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '')
  if (significant === '') return '0'
  const place = BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - significant.length)
  return `${sign}${significant}e${place}`
}
