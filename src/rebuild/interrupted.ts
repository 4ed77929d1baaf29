import { TrifoldError } from '../errors.ts'
import { copiedRows, type Generation, isBuilder } from '../schema/generations.ts'
import type { Building } from './building.ts'

/** What stays of a rebuild that ended early. */
export type Left =
  /** Its key ranges: the next rebuild continues. */
  | { kind: 'kept'; rows: number }
  /** Nothing: it is to be dropped. */
  | { kind: 'nothing' }
  /** Another process continues it. */
  | { kind: 'taken' }

/** What stays of a generation whose build has ended early. */
export async function leftOf({ client, build, next, builder }: Building, generation: Generation): Promise<Left> {
  if (!(await isBuilder(client, generation, builder))) return { kind: 'taken' }
  if (!next.signal?.aborted || !build.ranges?.damage) return { kind: 'nothing' }
  const rows = await copiedRows(client, generation)
  return rows > 0 ? { kind: 'kept', rows } : { kind: 'nothing' }
}

/** The error of a rebuild that was cancelled: it says what is left. */
export const cancelled = ({ target, number }: Generation, left: Left, cause: unknown): TrifoldError =>
  new TrifoldError('REBUILD_CANCELLED', `rebuild: cancelled that of ${target}: ${leftText(number, left)}`, { cause })

const leftText = (number: number, left: Left): string =>
  left.kind === 'kept'
    ? `generation ${number} keeps ${left.rows} rows, with which the next rebuild continues`
    : `nothing of generation ${number} is left`
