/** Below this an overloaded engine gains nothing from smaller requests. */
const smallest = 64 * 1024

/** How many bytes a bulk request may hold: halved when the engine is overloaded or refuses the size, then grown again. */
export class BulkSize {
  #ceiling: number
  #limit: number

  constructor(maxBytes: number) {
    this.#ceiling = maxBytes
    this.#limit = maxBytes
  }

  get bytes(): number {
    return this.#limit
  }

  /** A request of `bytes` met an overloaded engine. */
  overloaded(bytes: number): void {
    this.#limit = Math.min(this.#limit, Math.max(smallest, Math.floor(bytes / 2)))
  }

  /** A request of `bytes` was too large for the engine or a proxy before it; no later one grows beyond half of it. */
  tooLarge(bytes: number): void {
    this.#ceiling = Math.min(this.#ceiling, Math.max(1, Math.floor(bytes / 2)))
    this.#limit = Math.min(this.#limit, this.#ceiling)
  }

  /** A request went through: grow by an eighth. */
  succeeded(): void {
    this.#limit = Math.min(this.#ceiling, Math.ceil(this.#limit * 1.125))
  }
}
