import { type BulkItem, bulkItem, type DocumentWrite } from './bulk-body.ts'

/**
 * The items of one bulk write: first those that came back without an outcome, then the source's. It knows every item
 * that was taken and has no final outcome yet.
 */
export class BulkQueue {
  readonly #source: Iterator<DocumentWrite> | AsyncIterator<DocumentWrite>
  readonly #returned: BulkItem[] = []
  readonly #open = new Set<BulkItem>()
  #lookAhead: BulkItem | undefined
  #exhausted = false
  #turn: Promise<unknown> = Promise.resolve()

  constructor(items: Iterable<DocumentWrite> | AsyncIterable<DocumentWrite>) {
    this.#source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
  }

  /** Items that were taken and have no outcome. */
  get open(): ReadonlySet<BulkItem> {
    return this.#open
  }

  /** Whether the source was read to its end. */
  get exhausted(): boolean {
    return this.#exhausted
  }

  /** The next items, within both limits; one item larger than `maxBytes` comes alone. Empty if none is left. */
  take(maxBytes: number, maxCount: number): Promise<BulkItem[]> {
    const taken = this.#turn.then(() => this.#take(maxBytes, maxCount))
    this.#turn = taken.catch(() => {})
    return taken
  }

  /** Puts items without an outcome back, to be taken before all others. */
  putBack(items: readonly BulkItem[]): void {
    this.#returned.push(...items)
  }

  /** Marks an item's outcome as final. */
  settle(item: BulkItem): void {
    this.#open.delete(item)
  }

  /** Lets the source release what it holds, if it was not read to its end. */
  async close(): Promise<void> {
    if (!this.#exhausted) await this.#source.return?.()
    this.#exhausted = true
  }

  async #take(maxBytes: number, maxCount: number): Promise<BulkItem[]> {
    const batch: BulkItem[] = []
    let bytes = 0
    while (batch.length < maxCount) {
      const item = this.#returned[0] ?? this.#lookAhead ?? (await this.#read())
      if (item === undefined || (batch.length > 0 && bytes + item.bytes > maxBytes)) break
      this.#remove(item)
      batch.push(item)
      bytes += item.bytes
    }
    return batch
  }

  #remove(item: BulkItem): void {
    if (this.#returned[0] === item) this.#returned.shift()
    else this.#lookAhead = undefined
    this.#open.add(item)
  }

  async #read(): Promise<BulkItem | undefined> {
    if (this.#exhausted) return undefined
    const next = this.#source.next()
    const { done, value } = next instanceof Promise ? await next : next
    if (done) this.#exhausted = true
    else this.#lookAhead = bulkItem(value)
    return this.#lookAhead
  }
}
