/** What a comparison tells while it runs. */
export interface CompareProgress {
  /** A new phase begins: `building order_summary@table`. */
  phase?(text: string): void
  /** How far the phase is: overwrites what was told before. */
  update?(text: string): void
}
