import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/** More than this share of a core that others use, and figures are not to be published. */
const mostBusy = 0.1

/** Looks at the machine for two seconds while no benchmark runs. @returns what is wrong, if it is not quiet */
export async function disturbance(when: 'before' | 'after'): Promise<string | undefined> {
  const before = busyMilliseconds()
  const began = performance.now()
  await sleep(2_000)
  const cores = (busyMilliseconds() - before) / (performance.now() - began)
  if (cores <= mostBusy) return undefined
  return `The machine was not quiet ${when} the run: other processes used ${cores.toFixed(1)} of ${cpus().length} cores.`
}

function busyMilliseconds(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0)
}
