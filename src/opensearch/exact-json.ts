import { errors, Serializer } from '@opensearch-project/opensearch'

const mayHoldLongInteger = /[:,[]\s*-?\d{16}/
const stringOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g
const longInteger = /^-?\d{16,}$/

/**
 * Parses JSON without losing digits: an integer that a JavaScript number would show with other digits arrives as text
 * (`9007199254740993` as `'9007199254740993'`). All else arrives as `JSON.parse` gives it, so whatever JavaScript
 * itself wrote comes back unchanged, large doubles too.
 *
 * @throws SyntaxError
 */
export function parseExactly(json: string): unknown {
  return JSON.parse(mayHoldLongInteger.test(json) ? json.replace(stringOrNumber, quoteInexact) : json)
}

function quoteInexact(token: string): string {
  return longInteger.test(token) && String(Number(token)) !== token ? `"${token}"` : token
}

/**
 * The client's own `enableLongNumeralSupport` visits every value of every answer and turns large doubles of documents
 * into BigInt as well.
 */
export class ExactSerializer extends Serializer {
  override deserialize(json: string): unknown {
    try {
      return parseExactly(json)
    } catch (error) {
      throw new errors.DeserializationError((error as Error).message, json)
    }
  }
}
