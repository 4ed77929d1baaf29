/** Where the advice draws its lines. Sentences that rest on one say it in brackets. */
export const thresholds = {
  /** Rows of the definition below which a definition that is not slow tells nothing of more rows. */
  fewestRows: 1_000,
  /** Milliseconds at the 95th percentile from which on a query is slow with however few rows. */
  slowMs: 100,
  /** Write transactions below which the cost of writing and the lag are not judged. */
  fewestTransactions: 50,
  /** Times a query was asked below which an answerer's latency is not judged. */
  fewestLatencies: 10,
  /** But who is slow is asked less often: so many milliseconds in all are enough too. */
  enoughMs: 1_000,
  /** Transactions watched at a target below which its lag is not judged. */
  fewestLags: 30,
  /** Milliseconds at the 95th percentile within which a query is fast, from any answerer. */
  fastMs: 10,
  /** How many times the 95th percentile of the fastest target still counts as fast; also of the least slow one. */
  fastFactor: 2,
  /** Share of the watched transactions that a target may still lack when the watch ends. */
  unseenShare: 0.01,
  /** The append is dear above both: its share of a transaction, and its milliseconds (medians). */
  appendShare: 0.2,
  appendMs: 1,
  /** Milliseconds of lag at the 99th percentile within which a view is as fresh as readers notice. */
  freshMs: 1_000,
  /** Share of the time that a view may spend in refreshes. */
  refreshShare: 0.5,
} as const
