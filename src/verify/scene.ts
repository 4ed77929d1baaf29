import type pg from 'pg'
import { keyText } from '../definition/key.ts'
import { keyOf, type RowSource } from '../definition/rows.ts'
import type { Column, Definition } from '../definition.ts'
import type { Row, Value } from '../encoding.ts'
import type { Kept } from '../materializer.ts'
import type { Ahead } from './ahead.ts'
import { type Difference, differenceOf } from './difference.ts'

/** All that both sides of a comparison share: they are read at one snapshot. */
export interface Scene {
  definition: Definition
  /** Inside the REPEATABLE READ transaction in which the definition is read. */
  client: pg.ClientBase
  /** The definition, or a copy of its rows at the snapshot. */
  wanted: RowSource
  /** The columns that are compared: those whose value does not depend on the plan. */
  columns: readonly Column[]
  /** The events that the snapshot shows and the target does not reflect yet. */
  ahead: Ahead
}

/** A difference, and the key to repair it by. */
export interface Found {
  difference: Difference
  key: Value[]
  /** Whether it is a second row of its key, which a store without a unique key may hold: no recompute takes it away. */
  isSecond?: true
}

/** What came of one key range. */
export interface Compared {
  /** Rows of the definition in it. */
  rows: number
  found: Found[]
  /** Where the range ends: the next one begins behind it. Undefined if it was the last one. */
  upTo: Row | undefined
}

/** The differences among rows that no event ahead names. @param readable canonical, for rows that are not */
export function differencesOf(
  { definition, columns, ahead }: Scene,
  wanted: ReadonlyMap<string, Row>,
  found: ReadonlyMap<string, Row>,
  readable: (row: Row | undefined) => Row | undefined = (row) => row,
): Found[] {
  const differences: Found[] = []
  for (const text of new Set([...wanted.keys(), ...found.keys()])) {
    if (ahead.keys.has(text)) continue
    const difference = differenceOf(text, columns, wanted.get(text), found.get(text))
    if (!difference) continue
    const rows = [readable(wanted.get(text)), readable(found.get(text))]
    const row = (rows[0] ?? rows[1]) as Row
    if (!ahead.recomputes(...rows)) differences.push({ difference, key: keyOf(definition, row) })
  }
  return differences
}

/** The keys of which there are several rows, each once; but those that events ahead name. */
export function secondRows({ definition, ahead }: Scene, rows: readonly Row[]): Found[] {
  const seen = new Set<string>()
  const second = new Map<string, Found>()
  for (const row of rows) {
    const key = keyOf(definition, row)
    const text = keyText(definition.key, key)
    if (seen.has(text) && !ahead.keys.has(text))
      second.set(text, { difference: { key: text, kind: 'surplus', columns: [] }, key, isSecond: true })
    seen.add(text)
  }
  return [...second.values()]
}

/** The differences among the keys that events ahead name: each is compared as it will be after them. */
export function differencesAhead(
  { columns, ahead }: Scene,
  wanted: ReadonlyMap<string, Row>,
  kept: ReadonlyMap<string, Kept>,
): Found[] {
  const differences: Found[] = []
  for (const [text, operations] of ahead.keys) {
    const before = kept.get(text) ?? nothingKept
    const after = ahead.after(operations, before)
    if (after === 'recompute' || ahead.recomputes(wanted.get(text), before.row)) continue
    const difference = differenceOf(text, columns, wanted.get(text), after)
    if (difference) differences.push({ difference, key: operations.key })
  }
  return differences
}

const nothingKept: Kept = { row: undefined, ordinal: 0, snapshot: undefined }
