/** As PostgreSQL's: transactions below `xmax` are visible, but for those that were running. */
export interface Snapshot {
  xmax: number
  running: readonly number[]
}

export const isVisible = (xid: number, { xmax, running }: Snapshot): boolean => xid < xmax && !running.includes(xid)

/** Whether `later` shows all that `snapshot` does. */
export const isCovered = (snapshot: Snapshot, later: Snapshot): boolean =>
  snapshot.xmax <= later.xmax && later.running.every((xid) => xid >= snapshot.xmax || snapshot.running.includes(xid))

/** The one that shows more. */
export const laterOf = (one: Snapshot | undefined, other: Snapshot | undefined): Snapshot | undefined => {
  if (!one || !other) return one ?? other
  return isCovered(one, other) ? other : one
}
