import { percentile } from '../figure.ts'

/** Transactions one after the other on several connections. */
export interface ClosedLoop {
  /** Transactions a second, of all connections. */
  rate: number
  /** Median duration of one, in milliseconds. */
  p50: number
}

/** Runs `write` again and again for the given time, once for each of `writers` at a time. */
export async function closedLoop(
  writers: number,
  seconds: number,
  write: (writer: number) => Promise<unknown>,
): Promise<ClosedLoop> {
  const durations: number[] = []
  const began = performance.now()
  const end = began + seconds * 1000
  const loop = async (writer: number) => {
    for (let now = performance.now(); now < end; now = performance.now()) {
      await write(writer)
      durations.push(performance.now() - now)
    }
  }
  await Promise.all(Array.from({ length: writers }, (_, writer) => loop(writer)))
  const elapsed = (performance.now() - began) / 1000
  return { rate: durations.length / elapsed, p50: percentile(durations, 0.5) }
}
