import { TrifoldError } from '../errors.ts'
import type { Scheduled, TargetContext } from '../materializer.ts'
import { pause } from '../pause.ts'
import type { Generation } from '../schema/generations.ts'
import { parseSnapshot } from '../snapshot.ts'
import { Ahead } from './ahead.ts'
import { comparedColumns } from './compared-columns.ts'
import { type Compare, Comparer } from './comparer.ts'
import { defaultPatience, type Extent, never, type Outcome, tryAgainAfter } from './extent.ts'
import { Findings } from './findings.ts'
import { placesOf } from './places.ts'

/**
 * Compares a view with its definition inside a refresh: only there both are at one snapshot.
 *
 * @throws REFRESH_RUNNING if others refresh it all the time; REFRESH_FAILED, KEY_INVALID
 */
export async function compareView(view: Scheduled, expected: number, extent: Extent = {}): Promise<Outcome> {
  const { patience = defaultPatience, signal } = extent
  const { context } = view
  let run: Omit<Outcome, 'snapshot'> | undefined
  const inspect = async (client: Compare['client'], generation: Generation) => {
    run = await compareRows(context, client, generation, { expected, extent })
  }
  const deadline = performance.now() + patience
  for (;;) {
    const { snapshot } = await view.refresh({ cause: 'manual', inspect, ...(signal && { signal }) })
    if (run) return { ...run, snapshot: parseSnapshot(snapshot as string) }
    if (performance.now() > deadline) throw refreshRunning(context.target)
    await pause(tryAgainAfter, signal ?? never)
  }
}

/** Within the transaction of a refresh. */
async function compareRows(
  context: TargetContext,
  client: Compare['client'],
  generation: Generation,
  { expected, extent }: { expected: number; extent: Extent },
): Promise<Omit<Outcome, 'snapshot'>> {
  const { definition } = context
  const findings = new Findings()
  const { columns, leftOut } = await comparedColumns(context, generation)
  const compare = { client, generation, ahead: new Ahead(definition), rowSnapshots: new Map(), frozen: undefined }
  const comparer = await Comparer.open(definition, columns, compare, {
    expected: expected * (extent.share ?? 1),
    limit: extent.limit,
  })
  for await (const [after, limit] of placesOf(async () => comparer, findings, expected, extent)) {
    findings.add(await comparer.range(after, limit))
    extent.onProgress?.(findings.rows, expected)
  }
  return { findings, generation, leftOut }
}

const refreshRunning = (target: string): TrifoldError =>
  new TrifoldError('REFRESH_RUNNING', `verify: ${target} is being refreshed by others all the time; run it again later`)
