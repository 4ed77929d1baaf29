// The table `trifold.consumers`: the cursor and the lease of each event-fed generation.
export { type Attempt, endedProcess, endOwner, recordAttempt, stopAtEvent } from './consumers/attempt.ts'
export {
  type Cursor,
  cursorParameters,
  moveCursor,
  moveCursorBack,
  readCursor,
  readVersion,
} from './consumers/cursor.ts'
export {
  blockingBackend,
  endLeases,
  type Failure,
  type Holder,
  type Leased,
  prolongLease,
  raiseEpoch,
  readHolder,
  releaseLease,
  stopConsumer,
} from './consumers/lease.ts'
export { cutOff, type HoldingCursor, noEra, readHoldingCursors } from './consumers/retention.ts'
export { deleteConsumer, endEpoch, insertConsumer, keepingOwner } from './consumers/row.ts'
export { type Applying, appliedPlace, recordSearchable } from './consumers/searchable.ts'
export { clearFailure, readStoppedAt, type StoppedAt } from './consumers/stopped.ts'
