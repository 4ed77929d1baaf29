import { byKey, definitionRows } from '../definition/rows.ts'
import type { Row } from '../encoding.ts'
import type { Cursor } from '../feed.ts'
import type { Lease } from '../lease.ts'
import type { Materializer } from '../materializer.ts'
import type { MemoryMaterializer } from '../materializers/memory.ts'
import { rowPages } from '../operator/verify.ts'
import type { TargetDriver } from './target-driver.ts'

/** One target of a kit: filled, leased, and moved by hand. */
export class KitTarget {
  readonly driver: TargetDriver
  private held: Lease | undefined
  private filledAt: Cursor | undefined

  constructor(driver: TargetDriver) {
    this.driver = driver
  }

  /** `order_summary@memory` */
  get name(): string {
    return this.driver.materializer.context.target
  }

  get readModel(): string {
    return this.driver.materializer.context.name
  }

  get lease(): Lease {
    if (!this.held) throw new Error(`${this.name} is not filled`)
    return this.held
  }

  /** Where the log stood when the target was filled. */
  get start(): Cursor {
    return this.filledAt as Cursor
  }

  get inMemory(): boolean {
    return isMemory(this.driver.materializer)
  }

  /** Fills the target from the rows that are there now. */
  async fill(): Promise<void> {
    await this.driver.fill('for the test kit')
    this.held = await this.driver.lease()
    this.filledAt = this.held.cursor
  }

  /** Another owner begins: takes the lease, and fills the target where its storage says that it must. */
  async takeOver(): Promise<void> {
    const taken = await this.driver.leaseOrReason()
    if (typeof taken === 'string') await this.fill()
    else this.held = taken
  }

  /** Applies all that was committed. Returns the pages that it took. */
  catchUp(pageSize?: number): Promise<number> {
    return this.driver.catchUp(this.lease, pageSize)
  }

  /** What readers of the target see, by key text. */
  async rows(): Promise<ReadonlyMap<string, Row>> {
    const { materializer } = this.driver
    if (isMemory(materializer)) return materializer.rows
    await materializer.makeSearchable?.()
    const rows: Row[] = []
    for await (const page of rowPages(materializer)) rows.push(...page)
    return byKey(materializer.context.definition, rows)
  }

  /**
   * Applies all that was committed, and reads what the definition says by key text: again where something was committed
   * between the two.
   */
  async expected(pageSize?: number): Promise<ReadonlyMap<string, Row>> {
    for (;;) {
      await this.catchUp(pageSize)
      const rows = await definitionRows(this.driver.client, this.driver.materializer.context.definition)
      if ((await this.catchUp(pageSize)) === 0) return rows
    }
  }
}

const isMemory = (materializer: Materializer): materializer is MemoryMaterializer => 'rows' in materializer
