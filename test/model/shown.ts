import { isCovered, laterOf, type Snapshot } from './snapshot.ts'
import { Violation } from './violation.ts'

/** What a document has: the events up to an ordinal, and those that its snapshot shows. */
interface Content {
  ordinal: number
  snapshot: Snapshot | undefined
}

/** What readers of an index were shown as a cursor passed it. It must not be taken back, wherever a later owner begins again. */
export class Shown {
  private readonly ordinals = new Map<string, number>()
  private snapshot: Snapshot | undefined

  /** @param applied the ordinal that the cursor has reached @param reflected the snapshot that it reflects */
  note(documents: ReadonlyMap<string, Content>, applied: number, reflected: Snapshot): void {
    for (const [key, { ordinal }] of documents)
      this.ordinals.set(key, Math.max(this.ordinals.get(key) ?? 0, Math.min(ordinal, applied)))
    this.snapshot = laterOf(this.snapshot, reflected)
  }

  /** A document that is written has every event that the one before had when the cursor passed it. */
  check(key: string, { ordinal, snapshot }: Content): void {
    const before = this.ordinals.get(key)
    if (before === undefined || ordinal >= before) return
    if (!snapshot || !this.snapshot || !isCovered(this.snapshot, snapshot))
      throw new Violation(`the document ${key} goes back from event ${before} to ${ordinal}`)
  }
}
