import { setTimeout as delay } from 'node:timers/promises'
import type { Admin } from 'trifold'

const fillsWithin = 120_000

/** Waits until every target serves and has its consumer. */
export async function whenBuilt({ admin }: { admin: Admin }, signal: AbortSignal): Promise<void> {
  for (const end = performance.now() + fillsWithin; performance.now() < end; await delay(100, undefined, { signal })) {
    const { targets } = await admin.status()
    if (targets.every(({ generation, fedBy, consumer }) => generation && (fedBy === 'schedule' || consumer?.held)))
      return
  }
  throw new Error(`the targets were not built within ${fillsWithin / 1_000} s`)
}
