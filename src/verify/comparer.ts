import type pg from 'pg'
import type { Column, Definition } from '../definition.ts'
import type { Row } from '../encoding.ts'
import type { FrozenRows } from '../materializer.ts'
import type { Generation } from '../schema/generations.ts'
import type { Snapshot } from '../snapshot.ts'
import { qualified } from '../sql.ts'
import type { Ahead } from './ahead.ts'
import { compareInRelation, someKeys } from './in-relation.ts'
import type { Compared, Scene } from './scene.ts'
import { wantedSource } from './wanted.ts'
import { compareWithFrozen } from './with-frozen.ts'

/** Rows of one range that are hashed inside PostgreSQL, and that come here from an index. */
const rowsInRelation = 100_000
const rowsFromIndex = 10_000

/** What is compared at one snapshot. */
export interface Compare {
  client: pg.ClientBase
  generation: Generation
  ahead: Ahead
  rowSnapshots: ReadonlyMap<string, Snapshot>
  frozen: FrozenRows | undefined
}

/** Compares key ranges of one generation with the definition at one snapshot. */
export class Comparer {
  /** Whether the definition was copied: it is to be used for all ranges then. */
  readonly isCopy: boolean
  /** Rows of a range. */
  readonly limit: number
  private readonly scene: Scene
  private readonly compare: Compare
  private readonly relation: string

  private constructor(scene: Scene, compare: Compare, limit: number) {
    this.scene = scene
    this.compare = compare
    this.isCopy = scene.wanted.relation !== undefined
    this.limit = limit
    this.relation = relationOf(compare)
  }

  /**
   * @param options.expected rows that will be compared at this snapshot, as far as they are known
   * @param options.limit rows of a range; default as many as are quick
   */
  static async open(
    definition: Definition,
    columns: readonly Column[],
    compare: Compare,
    { expected, limit = limitOf(compare) }: { expected: number; limit?: number | undefined },
  ): Promise<Comparer> {
    const { client, ahead } = compare
    const ranges = Math.ceil(expected / limit)
    const [first] = ranges > 1 ? await someRows(definition, compare, 1, expected) : []
    const wanted = await wantedSource(client, definition, ranges, first)
    return new Comparer({ definition, client, wanted, columns, ahead }, compare, limit)
  }

  /** The range that begins behind a row, with `limit` rows of the target. */
  range(after: Row | undefined, limit: number): Promise<Compared> {
    const { frozen, rowSnapshots } = this.compare
    if (frozen) return compareWithFrozen(this.scene, frozen, after, limit)
    return compareInRelation(this.scene, this.relation, rowSnapshots, after, limit)
  }

  /** Rows at random, where samples begin. @param expected rows of the target */
  starts(count: number, expected: number): Promise<Row[]> {
    return someRows(this.scene.definition, this.compare, count, expected)
  }
}

const limitOf = ({ frozen }: Compare): number => (frozen ? rowsFromIndex : rowsInRelation)

const relationOf = ({ generation }: Compare): string => qualified('trifold', generation.storage)

const someRows = (definition: Definition, compare: Compare, count: number, expected: number): Promise<Row[]> =>
  compare.frozen
    ? compare.frozen.someRows(count)
    : someKeys({ client: compare.client, definition }, relationOf(compare), count, expected)
