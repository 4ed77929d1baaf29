import { fileURLToPath } from 'node:url'
import { describeObservation, type Observation } from 'trifold'
import { startToolkitChild } from '../toolkit-child.ts'
import type { Engines } from './engines.ts'
import type { Run } from './run.ts'

const config = fileURLToPath(new URL('./trifold.config.ts', import.meta.url))

/** Runs the worker until the end of the run, and shows how its rebuilds go. */
export function startWorkerProcess(run: Run, engines: Engines): void {
  const worker = startToolkitChild(['worker'], {
    config,
    databaseUrl: engines.databaseUrl,
    searchUrl: engines.searchUrl,
    env: { TRIFOLD_DEMO_PREFIX: engines.indexPrefix },
    onLine: (seen: Observation) => {
      if (seen.kind === 'rebuild.progressed' || seen.kind === 'rebuild.finished')
        run.say(`  ${describeObservation(seen)}`)
    },
    onEnd: run.fail,
  })
  run.atEnd(() => worker.end())
}
