import { byKey } from '../definition/rows.ts'
import type { Column } from '../definition.ts'
import type { Row } from '../encoding.ts'
import type { FrozenRows } from '../materializer.ts'
import { definitionOfParts, partsOfDefinition } from './hashes.ts'
import { type HashedPart, hashNumber, RowHashes, RowsOfParts } from './row-hashes.ts'
import { rowText } from './row-text.ts'
import { type Compared, differencesOf, type Scene, secondRows } from './scene.ts'
import { TextHash } from './text-hash.ts'
import { differencesAheadIn } from './with-frozen.ts'

/** If the parts that differ have more rows than this, they are compared by key ranges, which need not be held at once. */
const mostHeld = 50_000

export type Scannable = FrozenRows & Required<Pick<FrozenRows, 'scan'>>

/**
 * Compares all rows of a store outside of PostgreSQL with the definition, at the cost of reading them in the order in which
 * they are stored: the rows of both sides are spread over parts by the hash of their keys, and of each part their number
 * and the exclusive or of their hashes are compared. The rows of parts that differ are read again.
 *
 * @param frozen as it was before the snapshot of the scene, so that it has nothing which the snapshot does not show
 * @param options.most rows of differing parts that are held
 * @returns undefined if there are more
 */
export async function compareScanned(
  scene: Scene,
  frozen: Scannable,
  { signal, most = mostHeld }: { signal?: AbortSignal | undefined; most?: number } = {},
): Promise<Compared | undefined> {
  const key = keyColumns(scene)
  const found = new RowHashes(scene.columns, key, hashesAhead(scene, key))
  const [wanted] = await Promise.all([partsOfDefinition(scene, key), frozen.scan(scene.columns, found, signal)])
  const rows = sum(wanted.values())
  const ahead = await differencesAheadIn(scene, frozen)
  const { parts, held } = differing(wanted, found.parts())
  if (held > most) return undefined
  if (parts.size === 0) return { rows, found: ahead, upTo: undefined }
  const again = new RowsOfParts(key, parts)
  const [wantedRows] = await Promise.all([definitionOfParts(scene, key, parts), frozen.scan(key, again, signal)])
  const differences = differencesOf(scene, wantedRows, byKey(scene.definition, again.rows))
  return { rows, found: [...differences, ...secondRows(scene, again.rows), ...ahead], upTo: undefined }
}

/** In the order in which rows have them. */
const keyColumns = ({ columns, definition: { key } }: Scene): Column[] =>
  columns.filter(({ name }) => key.some((one) => one.name === name))

/** The hashes of the keys that events ahead name: they are compared one by one. */
function hashesAhead({ definition, ahead }: Scene, key: readonly Column[]): Set<number> {
  const hashes = [...ahead.keys.values()].map(({ key: values }) => {
    const row: Row = Object.fromEntries(definition.key.map(({ name }, place) => [name, values[place] ?? null]))
    const { high, low } = TextHash.of(rowText(key, row))
    return hashNumber(high, low)
  })
  return new Set(hashes)
}

function differing(
  wanted: ReadonlyMap<number, HashedPart>,
  found: ReadonlyMap<number, HashedPart>,
): { parts: Set<number>; held: number } {
  const numbers = [...new Set([...wanted.keys(), ...found.keys()])].filter((part) => {
    const [one, other] = [wanted.get(part), found.get(part)]
    return one?.rows !== other?.rows || one?.hash !== other?.hash
  })
  const rowsOf = (part: number) => Math.max(wanted.get(part)?.rows ?? 0, found.get(part)?.rows ?? 0)
  return { parts: new Set(numbers), held: numbers.reduce((rows, part) => rows + rowsOf(part), 0) }
}

const sum = (parts: Iterable<HashedPart>): number => [...parts].reduce((rows, part) => rows + part.rows, 0)
