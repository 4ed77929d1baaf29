/** The rules of the protocol. Each is true in the protocol as it is built; a mutant breaks one. */
export const sound = {
  // the log
  /** A window's snapshot is taken after its predecessor was read. */
  snapshotAfterPredecessor: true,
  /** Rows of a window are found without a bound on positions that an earlier window left. */
  noPositionBound: true,
  /** The loser of a race for a window hands nothing on. */
  onlyStoredWindows: true,
  /** A window is stored before its rows are handed on. */
  storedFirst: true,
  // recomputed keys
  /** `recomputeWhere` asks the target too, not the definition alone. */
  whereOfBoth: true,
  /** A row with a column of another aggregate is recomputed, not set from the payload. */
  noForeignColumns: true,
  /** A recomputed key remembers its snapshot, so that later events which it shows are dropped. */
  keySnapshots: true,
  /** That is forgotten once the window at the cursor covers it: not by its xmax alone. */
  forgottenWhenCovered: true,
  // table
  /** A repair checks and raises the version of the cursor. */
  repairRaisesVersion: true,
  // rebuild
  /** Each key range remembers the snapshot at which it was read. */
  rangeSnapshots: true,
  /** A range of an index is forgotten once the place is past it to which a takeover goes back: not once the cursor is. */
  rangesBehindState: true,
  /** An interrupted fill of an index is begun again in a new one. */
  freshIndex: true,
  // index
  /** The epoch is in the version, before the ordinal. */
  epochInVersion: true,
  epochFirst: true,
  /** A recompute outside of a page takes a new epoch. */
  repairTakesEpoch: true,
  /** Operations that need the row before drop what their document has already. */
  readsOrdinal: true,
  /** So do a set and a removal, as long as the index may be ahead of the cursor: readers saw what they would take back. */
  keepsWhatWasShown: true,
  /** A document that was read for a page is written, also if nothing changed. */
  writesWhatItRead: true,
  /** A deleted document leaves a tombstone. */
  tombstones: true,
  /** Tombstones stay as long as their index. */
  keepsTombstones: true,
  // branched history
  /** An index names the newest window that it shows, before anything of it is written. */
  namesWindow: true,
  /** A window is known by its nonce: another history has one of the same number. */
  comparesNonce: true,
  /** An index whose epoch is not below the lease's is of another history. */
  comparesEpoch: true,
  // parked events
  /** The keys of a parked event are recomputed in the page that goes past it. */
  parkRecomputes: true,
  /** Keys whose rows cannot be kept yet stay suspect. */
  keepsSuspects: true,
  /** A key is suspect until its row is written. */
  clearsAfterWrite: true,
  /** A retry recomputes; it does not apply the event. */
  retryRecomputes: true,
  // retention
  /** A partition is looked at again once its lock is held. */
  looksAgain: true,
  /** Events of a consumer's last page are kept: its index may lack them. */
  keepsLastPage: true,
  /** A running rebuild counts as a consumer. */
  rebuildHolds: true,
  /** A consumer is cut off, by a new epoch, before its events are dropped. */
  cutsOffFirst: true,
}

export type Rules = typeof sound
export type Rule = keyof Rules

/** Rules whose absence hardly any history shows, and a little before the first seed that does. */
export const subtle: ReadonlyMap<Rule, number> = new Map([
  ['comparesNonce', 800],
  ['comparesEpoch', 3_600],
  ['writesWhatItRead', 10_000],
])
