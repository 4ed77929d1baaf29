import { byKey } from '../definition/rows.ts'
import type { Row } from '../encoding.ts'
import type { EventRegistry, NewEvent, Outbox } from '../outbox.ts'
import { disagreementError, disagreementsOf } from './disagreement.ts'
import type { KitTarget } from './kit-target.ts'
import type { KitTargets } from './kit-targets.ts'

/** A piece of the application that runs in a transaction, or an event whose rows are there already. */
export type Step<Events extends EventRegistry, Tx> = ((tx: Tx, outbox: Outbox<Events>) => unknown) | NewEvent<Events>

/** What is compared, and in which pages events are applied. */
export interface ExpectOptions {
  /** Read models that are compared; default all that have handlers. */
  readModels?: readonly string[]
  /** Most events that are applied at once; default all. */
  pageSize?: number
}

/** What runs steps, and the targets that are compared afterwards. */
export interface StepRunner<Events extends EventRegistry, Tx> {
  /** @internal */
  targets: KitTargets
  /** Runs one step as the application would. */
  run(step: Step<Events, Tx>): Promise<void>
}

/** Steps, and what can be expected of the targets after them. */
export class Given<Events extends EventRegistry, Tx> {
  private readonly kit: StepRunner<Events, Tx>
  private readonly steps: readonly Step<Events, Tx>[]
  private ran: Promise<void> | undefined

  /** @internal */
  constructor(kit: StepRunner<Events, Tx>, steps: readonly Step<Events, Tx>[]) {
    this.kit = kit
    this.steps = steps
  }

  /**
   * Runs the steps, applies their events to every target, and compares all rows with the definitions in the canonical
   * encoding.
   *
   * @throws TARGET_DISAGREES with the rows and columns that differ, and the events that touched them; HANDLER_FAILED; what
   * a step throws
   */
  async expectSameAsDefinition(options: ExpectOptions = {}): Promise<void> {
    await this.compare(options)
  }

  /**
   * The same, but compares the targets of one read model with rows that the test gives, in any order and in any form that
   * handlers may write.
   *
   * @throws TARGET_DISAGREES, HANDLER_FAILED, HANDLER_UNKNOWN_COLUMN, VALUE_INVALID; what a step throws
   */
  async expectRows(readModel: string, rows: readonly object[], options: ExpectOptions = {}): Promise<void> {
    await this.compare({ ...options, readModels: [readModel] }, ({ driver }) =>
      byKey(
        driver.materializer.context.definition,
        rows.map((row) => driver.projector.values.wholeRow(row)),
      ),
    )
  }

  private async compare(
    { readModels, pageSize }: ExpectOptions,
    rowsOf?: (target: KitTarget) => ReadonlyMap<string, Row>,
  ): Promise<void> {
    const targets = this.kit.targets.of(readModels)
    this.ran ??= this.runSteps()
    await this.ran
    const disagreements = await disagreementsOf(targets, { pageSize, rowsOf })
    if (disagreements.length > 0) throw disagreementError(disagreements)
  }

  private async runSteps(): Promise<void> {
    for (const step of this.steps) await this.kit.run(step)
  }
}
