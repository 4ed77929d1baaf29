import { setTimeout as delay } from 'node:timers/promises'
import { openClient } from 'trifold/internal/database'
import { TrifoldError } from 'trifold/internal/errors'
import { migrate } from 'trifold/internal/migrate'
import { inThousands } from 'trifold/internal/operator/figures'
import { orAborted } from 'trifold/internal/pause'
import { loadWorkload, type Workload } from '../load/workload.ts'
import type { CompareProgress } from '../progress.ts'

export type Growing = Required<Pick<Workload, 'prepare' | 'grow'>>

interface Filling {
  seed?: number | undefined
  progress?: CompareProgress | undefined
  signal?: AbortSignal | undefined
}

/** The workload of a file, if it can make data. @throws COMPARE_WORKLOAD */
export async function growingWorkload(file: string | undefined): Promise<Growing> {
  const workload = file === undefined ? undefined : await loadWorkload(file)
  const { prepare, grow } = workload ?? {}
  if (prepare && grow) return { prepare: prepare.bind(workload), grow: grow.bind(workload) }
  throw new TrifoldError(
    'COMPARE_WORKLOAD',
    `compare: --grow needs a workload with \`prepare\` and \`grow\`, which make the write model's schema and fill it${file ? `; ${file} lacks one of them` : ' (--workload FILE)'}`,
  )
}

/** Makes the schemas in an empty database, and data until the definition has about `size` rows. @throws COMPARE_WORKLOAD */
export async function fillDatabase(
  { prepare, grow }: Growing,
  database: string,
  size: number,
  { seed = 1, progress, signal = new AbortController().signal }: Filling,
): Promise<void> {
  await migrate(database)
  const onProgress = (rows: number) => progress?.update?.(`${inThousands(rows)} of ${inThousands(size)} rows`)
  try {
    await unlessAborted(database, signal, async () => {
      await prepare(database)
      await grow(database, size, { seed, onProgress })
    })
  } catch (cause) {
    signal.throwIfAborted()
    const reason = `compare: the workload could not make ${inThousands(size)} rows: ${(cause as Error).message}`
    throw new TrifoldError('COMPARE_WORKLOAD', reason, { cause })
  }
}

/** Waits for a workload, which knows no signal: once that is given, its statements are cancelled until it has ended. */
async function unlessAborted(database: string, signal: AbortSignal, fill: () => Promise<void>): Promise<void> {
  let running = true
  const filling = fill().finally(() => {
    running = false
  })
  await orAborted(filling, signal)
  while (running) {
    await cancelStatements(database)
    await delay(100)
  }
  await filling
}

async function cancelStatements(database: string): Promise<void> {
  const client = await openClient(database, { name: 'compare' })
  try {
    await client.query(
      `select pg_cancel_backend(pid)
      from pg_stat_activity
      where datname = current_database()
        and pid <> pg_backend_pid()`,
    )
  } finally {
    await client.end()
  }
}
