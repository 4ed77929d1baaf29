const interval = 60_000

/** A listener for errors that come again and again while an engine is away: each message is logged once a minute. */
export function quiet(log: (line: string) => void): (error: Error) => void {
  const lastAt = new Map<string, number>()
  return (error) => {
    const now = Date.now()
    if (now - (lastAt.get(error.message) ?? Number.NEGATIVE_INFINITY) < interval) return
    if (lastAt.size > 100) lastAt.clear()
    lastAt.set(error.message, now)
    log(`schedule: the queue reports: ${error.message || error.name}`)
  }
}
