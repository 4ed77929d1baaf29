import { byKey, definitionRows } from '../definition/rows.ts'
import type { Row } from '../encoding.ts'
import type { Cursor } from '../feed.ts'
import type { Lease } from '../lease.ts'
import type { Materializer } from '../materializer.ts'
import type { MemoryMaterializer } from '../materializers/memory.ts'
import { rowPages } from '../query/row-pages.ts'
import type { TargetDriver } from './target-driver.ts'

/** One target of a kit: built, leased, and moved by hand. */
export class KitTarget {
  readonly driver: TargetDriver
  private held: Lease | undefined
  private builtAt: Cursor | undefined

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
    if (!this.held) throw new Error(`${this.name} is not built`)
    return this.held
  }

  /** Where the log stood when the target was built. */
  get start(): Cursor {
    return this.builtAt as Cursor
  }

  get inMemory(): boolean {
    return isMemory(this.driver.materializer)
  }

  /** Builds the target from the rows that are there now. */
  async rebuild(): Promise<void> {
    await this.driver.rebuild('for the test kit')
    this.held = await this.driver.lease()
    this.builtAt = this.held.cursor
  }

  /** Another owner begins: takes the lease, and rebuilds the target if its storage says that it must. */
  async takeOver(): Promise<void> {
    const taken = await this.driver.leaseOrReason()
    if (typeof taken === 'string') await this.rebuild()
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
   * Applies everything committed, and reads what the definition says by key text: again if something was committed
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
