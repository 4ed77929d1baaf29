/** How long the transaction of a range is to take, in milliseconds: well below the second that others would notice. */
const wantedTime = 500

const fewest = 100
const most = 100_000

/** TRIFOLD_RANGE_ROWS, for tests of small tables: every range has so many rows, whatever they cost. */
const fixed = Number(process.env.TRIFOLD_RANGE_ROWS ?? 0) || undefined

/** How many rows a range has: as many as are copied in half a second. */
export class RangeSize {
  /** Whether ranges are copied even if one snapshot would be cheaper. */
  readonly isFixed = fixed !== undefined
  rows = fixed ?? 10_000

  /** Learns from a range. */
  took(milliseconds: number): void {
    if (fixed) return
    const factor = Math.min(2, Math.max(0.25, wantedTime / Math.max(1, milliseconds)))
    this.rows = Math.round(Math.min(most, Math.max(fewest, this.rows * factor)))
  }
}
