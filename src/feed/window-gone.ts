import { TrifoldError } from '../errors.ts'
import type { Cursor } from '../schema/consumers.ts'

/** The error of a reader whose place in the log was deleted. */
export const windowGone = (cursor: Cursor): TrifoldError =>
  new TrifoldError(
    'FEED_INCOMPLETE',
    `feed: window ${cursor.window}, where the reader is, is gone; rebuild the target (\`trifold rebuild <target>\`)`,
  )
