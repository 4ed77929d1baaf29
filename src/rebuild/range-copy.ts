import { availableParallelism } from 'node:os'
import type pg from 'pg'
import { atSnapshot } from '../definition/at-snapshot.ts'
import type { Part } from '../definition/rows.ts'
import { TrifoldError } from '../errors.ts'
import { faultPoint } from '../fault.ts'
import type { CopiedPart, RangeBuild } from '../generation/build.ts'
import { rangePart } from '../query.ts'
import { type Generation, holdBuild } from '../schema/generations.ts'
import { type CopiedRange, insertRangeSnapshot } from '../schema/range-snapshots.ts'
import { currentSnapshot } from '../snapshot.ts'
import { quoteIdent, sqlState } from '../sql.ts'
import type { KeyBounds } from './key-bounds.ts'
import type { Pace } from './pace.ts'
import type { RangeSize } from './range-size.ts'

/** Ranges that are copied at the same time: half of the cores are left to everybody else. */
const parallel = Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2)))

type PendingRange = Omit<CopiedRange, 'snapshot' | 'rows'>

/** What is copied, how, and by whom. */
export interface RangeCopyOptions {
  generation: Generation
  build: RangeBuild
  /** The columns of the key that may be null in the definition: such a row is refused. */
  nullable: readonly string[]
  bounds: KeyBounds
  size: RangeSize
  pace: Pace
  /** Ranges that were copied before, in the order of the keys. */
  copied: readonly CopiedRange[]
  /** The name of this process in the generation. */
  builder: string
  /** Opens a connection for one range after the other. */
  connect(): Promise<pg.Client>
  onProgress?: ((rows: number) => void) | undefined
  signal?: AbortSignal | undefined
}

/**
 * Copies a definition key range by key range, some at the same time. Each range is read in a short transaction, at its own
 * snapshot, which is remembered with its rows.
 */
export class RangeCopy {
  /** Rows so far. */
  rows: number
  private readonly options: RangeCopyOptions
  private readonly pending: AsyncGenerator<PendingRange>
  private failure: { error: unknown } | undefined

  constructor(options: RangeCopyOptions) {
    this.options = options
    this.rows = options.copied.reduce((sum, { rows }) => sum + rows, 0)
    this.pending = this.pendingRanges()
  }

  /** @returns how many rows all ranges have */
  async run(): Promise<number> {
    await Promise.all(Array.from({ length: parallel }, () => this.work()))
    if (this.failure) throw this.failure.error
    return this.rows
  }

  /** The first failure ends the others after their range. While a range is written outside of PostgreSQL the next is read. */
  private async work(): Promise<void> {
    const client = await this.options.connect()
    let writing: Promise<void> | undefined
    try {
      for (;;) {
        const { value: range, done } = await this.pending.next()
        if (done || this.failure) break
        const parts = await this.read(client, range)
        await writing
        writing = this.write(parts)
        writing.catch(() => {}) // awaited before the next is written
        await this.options.pace.after(rowsOf(parts), this.options.signal)
      }
      await writing
    } catch (error) {
      this.failure ??= { error }
      await Promise.allSettled([writing])
    } finally {
      await client.end().catch(() => {})
    }
  }

  private async read(client: pg.ClientBase, range: PendingRange): Promise<CopiedPart[]> {
    const { generation, size, signal } = this.options
    signal?.throwIfAborted()
    const began = performance.now()
    const work = () => this.copyRange(client, range)
    const parts = await atSnapshot(client, generation.resolution, 'repeatable read', work).catch((error) => {
      // 40001: the build was taken over after the snapshot.
      throw sqlState(error) === '40001' ? continuedElsewhere(generation) : error
    })
    size.took(performance.now() - began)
    return parts
  }

  private async write(parts: readonly CopiedPart[]): Promise<void> {
    for (const part of parts) await part.write?.()
    this.rows += rowsOf(parts)
    this.options.onProgress?.(this.rows)
    await faultPoint('rebuild:range-copied')
  }

  private async copyRange(client: pg.ClientBase, range: PendingRange): Promise<CopiedPart[]> {
    const { generation, build, builder, bounds, nullable } = this.options
    if (!(await holdBuild(client, generation, builder))) throw continuedElsewhere(generation)
    const snapshot = await currentSnapshot(client)
    const parts: Part[] = [rangePart(bounds.key, range)]
    // No comparison gives them: the storage refuses them, as it refuses a null key in a copy at one snapshot.
    if (!range.upTo && nullable.length > 0) parts.push(nullKeys(nullable))
    const copied: CopiedPart[] = []
    for (const part of parts) copied.push(await build.copy(client, generation, part))
    await faultPoint('rebuild:range-read')
    await insertRangeSnapshot(client, generation.id, { ...range, snapshot, rows: rowsOf(copied) })
    return copied
  }

  /** What was left out between copied ranges, then what follows them. */
  private async *pendingRanges(): AsyncGenerator<PendingRange> {
    const { copied, bounds, size } = this.options
    let number = 0
    let after: PendingRange['after']
    for (const range of copied) {
      if (range.number > number) yield { number, after, upTo: range.after }
      number = range.number + 1
      after = range.upTo
    }
    if (number > 0 && !after) return
    for (;;) {
      const upTo = await bounds.next(after, size.rows)
      yield { number, after, upTo }
      if (!upTo) return
      number += 1
      after = upTo
    }
  }
}

const rowsOf = (parts: readonly CopiedPart[]): number => parts.reduce((sum, { rows }) => sum + rows, 0)

const nullKeys = (names: readonly string[]): Part => ({
  condition: `(${names.map((name) => `${quoteIdent(name)} is null`).join(' or ')})`,
  values: [],
})

export const continuedElsewhere = ({ target, number }: Generation): TrifoldError =>
  new TrifoldError('LEASE_LOST', `rebuild: another process continued generation ${number} of ${target} meanwhile`)
