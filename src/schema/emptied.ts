import { TrifoldError } from '../errors.ts'

/** A table that is never empty after the first migration has lost its rows. */
export const emptied = (table: 'history' | 'windows'): TrifoldError =>
  new TrifoldError(
    'DATABASE_DAMAGED',
    `database: the table ${table} of the schema "trifold" has lost its rows; restore them from a backup, or begin again with ` +
      '`trifold migrate --down` and `trifold migrate`: a worker then builds every target from the tables',
  )
