// The process that writes the load, so that neither the ORM of the application nor the watch of the targets slows the other
// down. Where its parent lets go of it, or dies, it ends the load in order: a replay is never left in the middle.

import { once } from 'node:events'
import { dirname } from 'node:path'
import { loadConfig, resolveConfig } from 'trifold/internal/config'
import type { EventRegistry, Outbox } from 'trifold/internal/outbox'
import { clock } from '../clock.ts'
import { inChild, tellParent } from '../in-child.ts'
import type { LoadArguments, LoadNotice, LoadOrder, LoadSource } from './protocol.ts'
import { replayWorkload } from './replay.ts'
import { runLoad, timedOutbox, warmUp } from './run-load.ts'
import { loadWorkload, type OpenWorkload } from './workload.ts'

const tell = (notice: LoadNotice) => tellParent(notice)
const tellFailure = (error: Error) => tell({ kind: 'failed', reason: `the workload failed: ${error.message}` })

await inChild<LoadArguments>(async (args, signal) => {
  const { source } = (await orderOf(() => tell({ kind: 'listening' }), signal)) as Exclude<LoadOrder, 'go'>
  const workload = await open(args, source).catch(tellFailure)
  if (workload) await load(workload, args, signal)
  if (!signal.aborted) await once(signal, 'abort')
})

/** What fails once the parent has let go of it is of no interest, but for the end of the workload. */
async function load(workload: OpenWorkload, args: LoadArguments, signal: AbortSignal): Promise<void> {
  await warmUpAndWrite(workload, args, signal).catch((error) => {
    if (!signal.aborted) tellFailure(error)
  })
  await workload.close()
}

async function warmUpAndWrite(workload: OpenWorkload, args: LoadArguments, signal: AbortSignal): Promise<void> {
  await warmUp(workload, signal)
  await orderOf(() => tell({ kind: 'ready' }), signal)
  await write(workload, args, signal)
}

async function write(workload: OpenWorkload, args: LoadArguments, signal: AbortSignal): Promise<void> {
  const since = clock()
  tell({ kind: 'began', since })
  const { reached, seconds } = await runLoad(workload, args, since, signal, (token, sample, committedAt) =>
    tell({ kind: 'committed', token, sample, committedAt }),
  )
  tell({ kind: 'done', reached, seconds })
}

async function open(args: LoadArguments, source: LoadSource): Promise<OpenWorkload> {
  const outbox = await outboxOf(args)
  if (source.kind === 'replay') return replayWorkload(args.database, outbox, source.past)
  return (await loadWorkload(source.workload)).open(args.database, outbox)
}

async function outboxOf({ configFile, database }: LoadArguments): Promise<Outbox<EventRegistry>> {
  const { config, file } = await loadConfig(configFile)
  const { events } = resolveConfig(config, dirname(file), { ...process.env, DATABASE_URL: database })
  return timedOutbox(events)
}

/** The next order; `say` tells the parent that it is waited for. */
async function orderOf(say: () => void, signal: AbortSignal): Promise<LoadOrder> {
  const order = once(process, 'message', { signal }).then(([message]) => message as LoadOrder)
  say()
  return order
}
