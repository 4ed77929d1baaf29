import { setTimeout as delay } from 'node:timers/promises'

/** A target has kept its reader waiting for too long. */
export class Silence extends Error {
  override readonly name = 'Silence'
}

/** The outcome of `asking`, for which nobody waits longer than `seconds`; what it says later is ignored. @throws Silence */
export async function unlessSilent<Result>(asking: Promise<Result>, seconds: number): Promise<Result> {
  const answered = new AbortController()
  const silence = delay(seconds * 1_000, undefined, { signal: answered.signal }).then(() => {
    throw new Silence(`nothing was heard for ${seconds} s`)
  })
  try {
    return await Promise.race([asking, silence])
  } finally {
    answered.abort()
  }
}
