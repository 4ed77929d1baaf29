import { isDeepStrictEqual } from 'node:util'
import { keyOf } from '../definition/rows.ts'
import type { Definition } from '../definition.ts'
import type { Row, Value } from '../encoding.ts'
import type { TouchingEvent } from './touching-events.ts'

/** One row of a target that is not as it should be. */
export interface Difference {
  /** The values of the key columns. */
  key: Record<string, Value>
  /** The canonical text of the key. */
  keyText: string
  /** `missing`: the target lacks the row. `surplus`: it has a row too many. */
  kind: 'missing' | 'surplus' | 'different'
  /** The columns that differ, of a row that both have. */
  columns: { name: string; expected: Value; found: Value }[]
  /** The events since the build whose handlers named the key, in order of delivery. */
  events: TouchingEvent[]
}

/** Compares row by row in the canonical encoding, in order of the expected rows; `events` stay empty. */
export function differencesOf(
  definition: Definition,
  expected: ReadonlyMap<string, Row>,
  found: ReadonlyMap<string, Row>,
): Difference[] {
  const differences: Difference[] = []
  for (const keyText of new Set([...expected.keys(), ...found.keys()])) {
    const [wanted, row] = [expected.get(keyText), found.get(keyText)]
    if (isDeepStrictEqual(wanted, row)) continue
    const values = keyOf(definition, (wanted ?? row) as Row)
    const key = Object.fromEntries(definition.key.map(({ name }, place) => [name, values[place] as Value]))
    const kind = wanted && row ? 'different' : wanted ? 'missing' : 'surplus'
    const columns = wanted && row ? differingColumns(definition, wanted, row) : []
    differences.push({ key, keyText, kind, columns, events: [] })
  }
  return differences
}

function differingColumns({ columns }: Definition, expected: Row, found: Row): Difference['columns'] {
  return columns
    .map(({ name }) => ({ name, expected: expected[name] as Value, found: found[name] as Value }))
    .filter((column) => !isDeepStrictEqual(column.expected, column.found))
}
