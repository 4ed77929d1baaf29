import type { Row } from '../encoding.ts'
import type { Generation, PlanDependent } from '../schema/generations.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Findings } from './findings.ts'

/** How long a target that is behind, or a view that is being refreshed, is waited for, in milliseconds. */
export const defaultPatience = 60_000

/** Milliseconds between two attempts. */
export const tryAgainAfter = 200

export const never = new AbortController().signal

/** What is compared. */
export interface Extent {
  /** The share of the rows, above 0 and up to 1; default 1. Of less than 1 the ranges are taken at random. */
  share?: number | undefined
  /** Behind which key to begin; only of all rows. */
  after?: Row | undefined
  /** Rows of a range; default as many as are quick. */
  limit?: number | undefined
  /** Most milliseconds after which no further range is begun. */
  within?: number | undefined
  onProgress?: ((rows: number, expected: number) => void) | undefined
  signal?: AbortSignal | undefined
  /** A generation that was built and does not serve yet; default the one that serves. */
  built?: { generation: Generation /** Brings it near to the events of now. */; catchUp(): Promise<void> } | undefined
  /** How long to wait until the target can be compared, in milliseconds; default 60,000. */
  patience?: number | undefined
}

/** What came of a comparison. */
export interface Outcome {
  findings: Findings
  generation: Generation
  /** The last snapshot at which rows were compared. */
  snapshot: Snapshot
  /** Columns that were not compared, and why. */
  leftOut: PlanDependent[]
}
