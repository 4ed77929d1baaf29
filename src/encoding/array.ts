import type { Encoding, Value } from '../encoding.ts'
import { invalid } from './invalid.ts'

/** One-dimensional arrays, whose first index is 1; an element may be null. */
export function array(element: Encoding): Encoding {
  const { exact, term, representative, suspectSql, precision, scale, read, ...rest } = element
  const each = (change: (item: Value) => Value) => (value: Value) => {
    const items = (value as Value[]).map((item) => (item === null ? null : change(item)))
    return items.every((item, place) => Object.is(item, (value as Value[])[place])) ? value : (items as Value)
  }
  return {
    ...rest,
    pgType: `${element.pgType}[]`,
    tsType: `(${element.tsType} | null)[]`,
    element,
    ...(exact && { exact }),
    ...(term && { term: each(term) }),
    decode: (text) => parseArray(element, text).map((item) => (item === null ? null : element.decode(item))) as Value,
    canonical(value) {
      if (!Array.isArray(value)) throw invalid(`an array of ${element.pgType}`, value)
      return Array.from(value, (item) => (item === null ? null : element.canonical(item))) as Value
    },
    text: (value) => arrayText((value as Value[]).map((item) => (item === null ? null : element.text(item)))),
    suspectSql: (column) => suspectArraySql(column, suspectSql?.('_element')),
  }
}

function suspectArraySql(column: string, suspectElement: string | undefined): string {
  const shape = `array_ndims(${column}) > 1 or array_lower(${column}, 1) <> 1`
  if (!suspectElement) return shape
  return `${shape} or exists (select from unnest(${column}) as _elements (_element) where ${suspectElement})`
}

/** The text form of a one-dimensional array parameter, with every element quoted. */
export function arrayText(items: readonly (string | null)[]): string {
  const quoted = items.map((item) =>
    item === null ? 'NULL' : `"${item.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`,
  )
  return `{${quoted.join(',')}}`
}

const items = /"((?:[^"\\]|\\.)*)"|([^,{}]+)|([{}])/gs

function parseArray(element: Encoding, text: string): (string | null)[] {
  const parsed: (string | null)[] = []
  if (!text.startsWith('{')) throw unlike(element, text, 'whose first index is 1')
  for (const [, quoted, plain, brace] of text.slice(1, -1).matchAll(items)) {
    if (brace) throw unlike(element, text, 'of one dimension')
    if (quoted !== undefined) parsed.push(quoted.replace(/\\(.)/gs, '$1'))
    else parsed.push(plain === 'NULL' ? null : (plain as string))
  }
  return parsed
}

const unlike = ({ pgType }: Encoding, text: string, shape: string) =>
  invalid(`an array of ${pgType} ${shape}; use array(select unnest(…)), or cast it to jsonb (to_jsonb)`, text)
