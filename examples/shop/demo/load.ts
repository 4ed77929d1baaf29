import { showLive } from './live-view.ts'
import { Probes, readBack } from './probes.ts'
import type { Run } from './run.ts'
import type { Stage } from './stage.ts'
import { type Step, Traffic } from './traffic.ts'

/** What was done and measured while orders moved. */
export interface Load {
  seconds: number
  traffic: Traffic
  probes: Probes
}

/** Milliseconds between two probes. */
const probeEvery = 250

/**
 * Orders move and the live view shows them, until the time is over or, with `--watch`, until Ctrl-C. It returns once
 * every target shows the last commit.
 */
export async function runLoad(run: Run, stage: Stage): Promise<Load> {
  const { options, say } = run
  const { trifold, reader, targets } = stage
  const signal = run.whileLoading(options.watch ? undefined : options.seconds * 1_000)
  const traffic = new Traffic(stage.shop, stage.ids, stage.random)
  const probes = new Probes(reader, targets, probeEvery)
  let last: Step | undefined
  const onStep = (step: Step) => {
    last = step
    probes.offer(step)
  }
  say(`\nPlacing and moving orders, ${options.rate} commands a second${options.watch ? ', until Ctrl-C' : ''}:`)
  const started = performance.now()
  await Promise.all([
    traffic.run({ rate: options.rate, signal, onStep }),
    showLive(run, { trifold, targets, traffic, probes }, signal),
  ])
  const seconds = (performance.now() - started) / 1_000
  run.signal.throwIfAborted()
  await probes.settle()
  if (last) for (const target of targets) await readBack(reader, target, last)
  return { seconds, traffic, probes }
}
