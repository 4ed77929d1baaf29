/** What happened in all histories of a property test. */
export interface Tally {
  histories: number
  /** Transactions that committed, at least one command each. */
  committed: number
  rolledBack: number
  /** Transactions that ended because a command or the commit threw: how many times with which message. */
  refused: Record<string, number>
  /** Pages whose consumer died, and those whose consumer was overtaken. */
  crashes: number
  takeovers: number
}

export const noTally = (): Tally => ({
  histories: 0,
  committed: 0,
  rolledBack: 0,
  refused: {},
  crashes: 0,
  takeovers: 0,
})

export function noteRefusal(tally: Tally, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  tally.refused[message] = (tally.refused[message] ?? 0) + 1
}
