import { databaseRefusal } from '../observe/database-refusal.ts'
import { sqlStateOf } from '../sql.ts'

/** How long a refresh that failed waits, in milliseconds: twice as long each time, up to the longest. */
interface Pauses {
  first: number
  longest: number
}

/** A lock that was waited for too long, a deadlock, a serialization failure, a connection that broke or was refused. */
const passing = /^(55P03|40P01|40001|08...|57P0[123]|53300)$/
const soon: Pauses = { first: 1_000, longest: 60_000 }

/** Each attempt writes the whole view, so a disk that stays full is left alone for longer and longer. */
const diskFull = '53100'
const late: Pauses = { first: 15_000, longest: 900_000 }

/** So much may a pause differ, so that refreshes that failed together do not come together again. */
const jitter = 0.25

/** When a refresh that failed is tried again. */
export interface Retry {
  /** Milliseconds from now. */
  after: number
  /** Whether it waits also if a regular run is due before. */
  keepsRegularRuns: boolean
}

/** The failures of one refresh, one after the other. */
export class Retries {
  private pauses: Pauses | undefined
  private inRow = 0

  /**
   * Whether a refresh is tried again before its next regular run, by the SQLSTATE of its failure. What the definition or the
   * rows are at fault for (classes 42 and 22, a key that is not unique, a timeout) is not: it would fail again. After a
   * failure of another kind the pauses begin with the first one.
   *
   * @param random from 0 to 1
   */
  after(error: unknown, random = Math.random()): Retry | undefined {
    const pauses = pausesAfter(stateOf(error))
    this.inRow = pauses === this.pauses ? this.inRow + 1 : 1
    this.pauses = pauses
    return pauses && { after: pauseOf(pauses, this.inRow, random), keepsRegularRuns: pauses === late }
  }
}

function pausesAfter(state: string | undefined): Pauses | undefined {
  if (state === diskFull) return late
  return passing.test(state ?? '') ? soon : undefined
}

const pauseOf = ({ first, longest }: Pauses, inRow: number, random: number): number =>
  Math.round(Math.min(first * 2 ** (inRow - 1), longest) * (1 + jitter * (2 * random - 1)))

/** The driver's own errors of a broken connection have no SQLSTATE. */
function stateOf(error: unknown): string | undefined {
  const state = sqlStateOf(error)
  if (state) return state
  for (let one = error; one; one = (one as { cause?: unknown }).cause)
    if (databaseRefusal(one)?.code === 'DATABASE_UNREACHABLE') return '08006'
  return undefined
}
