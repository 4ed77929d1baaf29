import type pg from 'pg'
import { faultPoint } from '../fault.ts'
import type { Build, BuildOptions, BuildPoint } from '../generation/build.ts'
import { beginConsumer } from '../lease/consumer-row.ts'
import type { CatchUp, Materializer } from '../materializer.ts'
import type { Observe } from '../observe.ts'
import { completeBuild, type Generation } from '../schema/generations.ts'
import { lastWindow } from '../schema/windows.ts'
import { currentSnapshot } from '../snapshot.ts'

/** What is built, and with what. */
export interface NextBuild extends BuildOptions {
  /** Why: it is kept with the generation. */
  reason: string
  /** Applies what was committed since the snapshot of the build. Without it a definition is copied at one snapshot. */
  catchUp?: ((generation: Generation) => CatchUp) | undefined
  /** Compares what was built with its definition before it serves. @throws what keeps it from serving */
  verify?: ((built: Generation, catchUp: CatchUp) => Promise<void>) | undefined
  /** Milliseconds for which the table or index that is replaced follows, so that it can serve again; default 0. */
  warmFor?: number | undefined
  /** Most rows a second of a copy by key ranges; default no limit. */
  maxRate?: number | undefined
  observe?: Observe | undefined
}

/** One rebuild, while it runs. */
export interface Building {
  client: pg.ClientBase
  materializer: Materializer
  build: Build
  next: NextBuild
  /** The name of this process in the generation that it builds. */
  builder: string
}

/** The snapshot of the transaction, and the last window before it. */
export const buildPoint = async (client: pg.ClientBase): Promise<BuildPoint> => ({
  snapshot: await currentSnapshot(client),
  window: await lastWindow(client),
})

/** All rows are copied: the cursor starts behind the last window before their first snapshot. In a transaction. */
export async function completeCopy(
  { client, materializer }: Building,
  generation: Generation,
  { snapshot, window, rows, identity }: BuildPoint & { rows: number | undefined; identity: string | undefined },
): Promise<Generation> {
  const { context, fedBy } = materializer
  if (fedBy === 'events') await beginConsumer(client, generation, window, context.model.version ?? 1)
  const built = await completeBuild(client, generation, { snapshot, window, rows, identity })
  await faultPoint('rebuild:completed')
  return built
}
