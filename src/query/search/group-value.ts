import type { Client } from '@opensearch-project/opensearch'
import type { Column } from '../../definition.ts'
import { shortestSingle } from '../../encoding/number.ts'
import type { Value } from '../../encoding.ts'
import { ask, type ReadIndex } from './ask.ts'
import { queryField, queryType, queryValue, rowOfDocument, sourceOf } from './fields.ts'

/** The key of a bucket, as the engine gives it. */
export interface BucketKey {
  key: unknown
  key_as_string?: string
}

/** The value of a bucket's key, in canonical form. @param column what is grouped: of an array its elements */
export function groupValue(column: Column, { key, key_as_string }: BucketKey): Value {
  if (column.encoding.exact) return column.encoding.exact.from(key)
  switch (queryType(column)) {
    case 'boolean':
      return key === true || key_as_string === 'true'
    case 'float':
      return shortestSingle(key as number)
    case 'double':
      return column.encoding.canonical(key)
    default:
      return typeof key === 'string' ? column.encoding.decode(key) : (key as Value)
  }
}

/** Whether a bucket's key represents a text that is too long for a key. @param column may be an array */
export const isCut = (column: Column, key: Value): boolean =>
  typeof key === 'string' && column.encoding.term !== undefined && queryValue(column, key) !== key

/**
 * The text that a bucket's key represents, if it is too long for a key: read from a document that has it.
 *
 * @param column may be an array, whose elements are grouped
 * @param deadline milliseconds
 */
export async function wholeText(
  client: Client,
  source: ReadIndex,
  column: Column,
  key: Value,
  deadline: number,
): Promise<Value> {
  if (!isCut(column, key)) return key
  const query = { bool: { filter: [{ term: { [queryField(column)]: { value: key } } }] } }
  const body = JSON.stringify({ size: 1, query, _source: sourceOf([column]) })
  const { hits } = await ask<Hits>(client, source, { body, preference: source.target, deadline })
  const row = rowOfDocument([column], hits.hits[0]?._source ?? {})
  const values = [row[column.name] ?? null].flat() as Value[]
  return values.find((value) => value !== null && queryValue(column, value) === key) ?? key
}

interface Hits {
  hits: { hits: { _source: Record<string, unknown> }[] }
}
