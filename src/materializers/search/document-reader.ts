import type { Column } from '../../definition.ts'
import { storedText } from '../../encoding/stored-text.ts'
import type { Encoding, Row, Value } from '../../encoding.ts'
import type { ValueSink } from '../../materializer.ts'
import { parseExactly } from '../../opensearch/exact-json.ts'
import { readValue, storedValues } from '../../query/search/fields.ts'
import { instantBytes, longestInstant } from './instant-bytes.ts'
import { hasToken, isPlain, skipBlanks, skipString, skipValue } from './json-bytes.ts'

const sourceMember = Buffer.from('"_source":')
const storedMember = Buffer.from(JSON.stringify(storedValues))
const quote = 0x22 // "
const comma = 0x2c // ,
const closeObject = 0x7d // }
const letterN = 0x6e // n
const letterT = 0x74 // t
const letterF = 0x66 // f

/** JSON and PostgreSQL write a floating-point number of so many characters in the same way. */
const shortFloat = 3

/** What JSON holds for the values of a column. */
type Kind = 'string' | 'number' | 'float' | 'boolean' | 'instant' | 'other'

function kindOf({ element, pgType, tsType }: Encoding): Kind {
  if (element || pgType === 'time') return 'other'
  if (pgType.startsWith('timestamp')) return 'instant'
  if (pgType === 'real' || pgType === 'double precision') return 'float'
  return tsType === 'number' || tsType === 'boolean' ? tsType : 'string'
}

/**
 * Reads documents out of the bytes of an answer, value by value, and makes no objects of them: so a document costs a
 * fraction of what it costs to parse it.
 */
export class DocumentReader {
  private readonly columns: readonly (Column & { token: Buffer; kind: Kind })[]
  private readonly starts: Int32Array
  private readonly ends: Int32Array
  private readonly sink: ValueSink
  private readonly rowOf: (source: Record<string, unknown>) => Row
  private readonly instant = Buffer.alloc(longestInstant)
  private json: Buffer = Buffer.alloc(0)
  /** Where the document begins that is being read, and where it ends. */
  private start = 0
  private at = 0

  /** @param rowOf the row of a whole document */
  constructor(columns: readonly Column[], sink: ValueSink, rowOf: (source: Record<string, unknown>) => Row) {
    this.columns = columns.map((column) => ({
      ...column,
      token: Buffer.from(JSON.stringify(column.name)),
      kind: kindOf(column.encoding),
    }))
    this.starts = new Int32Array(columns.length)
    this.ends = new Int32Array(columns.length)
    this.sink = sink
    this.rowOf = rowOf
  }

  /** Gives the documents of an answer to the sink. @returns how many there are */
  read(json: Buffer): number {
    this.json = json
    let count = 0
    // Within a string its quotes would have backslashes before them.
    for (let at = json.indexOf(sourceMember); at >= 0; at = json.indexOf(sourceMember, this.at)) {
      this.readDocument(skipBlanks(json, at + sourceMember.length))
      count++
    }
    return count
  }

  private readDocument(start: number): void {
    this.start = start
    const stored = this.findMembers(start)
    for (let place = 0; place < this.columns.length; place++) this.giveValue(place, stored)
    this.sink.endOfRow(this.row)
  }

  /** One function for all documents, of which most are never asked for. */
  private readonly row = (): Row =>
    this.rowOf(parseExactly(this.json.toString('utf8', this.start, this.at)) as Record<string, unknown>)

  /** Notes where the values of the columns are. @returns the values whose own field holds something else */
  private findMembers(start: number): Record<string, string> | undefined {
    const { json, starts, ends } = this
    starts.fill(0)
    let stored: Record<string, string> | undefined
    let expected = 0
    let at = skipBlanks(json, start + 1)
    while (json[at] !== closeObject && at < json.length) {
      const nameEnd = skipString(json, at)
      const value = skipBlanks(json, skipBlanks(json, nameEnd) + 1)
      const end = skipValue(json, value)
      const place = this.placeOf(at, nameEnd, expected)
      if (place >= 0) {
        starts[place] = value
        ends[place] = end
        expected = place + 1
      } else if (hasToken(json, at, nameEnd, storedMember)) {
        stored = JSON.parse(json.toString('utf8', value, end))
      }
      at = skipBlanks(json, end)
      if (json[at] === comma) at = skipBlanks(json, at + 1)
    }
    this.at = at + 1
    return stored
  }

  /** Most often the members are in the order of the columns. */
  private placeOf(start: number, end: number, expected: number): number {
    const next = this.columns[expected]
    if (next && hasToken(this.json, start, end, next.token)) return expected
    return this.columns.findIndex(({ token }) => hasToken(this.json, start, end, token))
  }

  private giveValue(place: number, stored: Record<string, string> | undefined): void {
    const { name, encoding, kind } = this.columns[place] as Column & { kind: Kind }
    const text = stored?.[name]
    const start = this.starts[place] as number
    if (text !== undefined) this.giveDecoded(encoding, () => encoding.decode(text))
    else if (start === 0 || this.json[start] === letterN) this.sink.none()
    else if (kind === 'other' || (kind === 'float' && (this.ends[place] as number) > start + shortFloat))
      this.giveOther(encoding, start, this.ends[place] as number)
    else this.giveToken(encoding, kind, start, this.ends[place] as number)
  }

  private giveToken(encoding: Encoding, kind: Kind, start: number, end: number): void {
    const { json, sink } = this
    const first = json[start] as number
    if (first === quote) this.giveString(encoding, kind, start, end)
    else if ((kind === 'number' || kind === 'float') && first < 58) sink.bytes(json, start, end)
    else if (kind === 'boolean' && (first === letterT || first === letterF)) sink.bytes(json, start, start + 1)
    else sink.unlike()
  }

  private giveString(encoding: Encoding, kind: Kind, start: number, end: number): void {
    const { json, sink } = this
    if (!isPlain(json, start + 1, end - 1)) sink.text(JSON.parse(json.toString('utf8', start, end)))
    else if (kind === 'instant') this.giveInstant(encoding, start + 1, end - 1)
    else sink.bytes(json, start + 1, end - 1)
  }

  private giveInstant(encoding: Encoding, start: number, end: number): void {
    const length = instantBytes(this.json, start, end, this.instant)
    if (length > 0) this.sink.bytes(this.instant, 0, length)
    else this.giveDecoded(encoding, () => encoding.decode(this.json.toString('utf8', start, end)))
  }

  private giveOther(encoding: Encoding, start: number, end: number): void {
    this.giveDecoded(encoding, () => readValue(encoding, parseExactly(this.json.toString('utf8', start, end)) as Value))
  }

  private giveDecoded(encoding: Encoding, decode: () => Value): void {
    const text = decodedText(encoding, decode)
    if (text === undefined) this.sink.unlike()
    else if (text === null) this.sink.none()
    else this.sink.text(text)
  }
}

/** Undefined for a value that no handler could have written. */
function decodedText(encoding: Encoding, decode: () => Value): string | null | undefined {
  try {
    return storedText(encoding, decode())
  } catch {
    return undefined
  }
}
