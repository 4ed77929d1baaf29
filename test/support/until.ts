import { setTimeout as wait } from 'node:timers/promises'

/** Waits until `fact` holds. @throws where it does not within `timeout` milliseconds */
export async function until(what: string, fact: () => boolean | Promise<boolean>, timeout = 140_000): Promise<void> {
  const deadline = performance.now() + timeout
  for (let pause = 15; !(await fact()); pause = Math.min(pause * 1.2, 60)) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${timeout} ms`)
    await wait(pause)
  }
}
