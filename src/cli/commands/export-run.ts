import { once } from 'node:events'
import type { RowExport } from '../../export.ts'
import { faultPoint } from '../../fault.ts'
import { inThousands } from '../../operator/figures.ts'
import { type Console, type OutputStream, printJson } from '../console.ts'
import { onStop, type StopSignal, signalCodes } from '../signals.ts'
import { factsFile, factsOf, refuseExisting, writeFile } from './export-file.ts'

interface Destination {
  out?: string
  force?: boolean
  json?: boolean
}

/** Writes an export where it is wanted. A signal ends it, and nothing of a file is left. */
export async function runExport(
  console: Console,
  open: (signal: AbortSignal) => Promise<RowExport>,
  destination: Destination,
): Promise<void> {
  const { out, force = false } = destination
  if (out !== undefined && !force) refuseExisting(out)
  const stopping = onStop()
  const ending = new AbortController()
  let reason: string | undefined
  stopping.asked.then((asked) => {
    reason = asked
    ending.abort(new Error(`ended by ${asked}`))
  })
  try {
    const exported = await open(ending.signal)
    if (out === undefined) await toStream(console, exported)
    else await toFile(console, exported, out, force)
    report(console, exported, destination)
  } catch (error) {
    if (reason === undefined) throw error
    console.exitCode = signalCodes[reason as StopSignal] ?? 1
  } finally {
    stopping.forget()
  }
}

async function toStream({ stdout, stderr }: Console, exported: RowExport): Promise<void> {
  const progress = progressOn(stderr, exported)
  for await (const chunk of exported) {
    await written(stdout, chunk)
    progress()
  }
}

async function toFile({ stderr }: Console, exported: RowExport, file: string, force: boolean): Promise<void> {
  const progress = progressOn(stderr, exported)
  try {
    const write = async (add: (bytes: Uint8Array) => Promise<void>) => {
      for await (const chunk of exported) {
        await add(chunk)
        progress()
        await faultPoint('export:written')
      }
    }
    await writeFile(file, write, force)
  } finally {
    await exported.close()
  }
  const facts = Buffer.from(`${JSON.stringify(factsOf(exported), null, 2)}\n`)
  await writeFile(factsFile(file), (add) => add(facts), true)
}

/** Waits while a pipe is full. */
async function written(stream: OutputStream, chunk: Uint8Array): Promise<void> {
  const isFull = stream.write(chunk as never) === false
  if (isFull && 'once' in stream) await Promise.race([once(stream as never, 'drain'), once(stream as never, 'close')])
}

const progressEvery = 1_000

/** Says on a terminal how far it is, at most once a second. */
function progressOn(stream: OutputStream, exported: RowExport): () => void {
  const began = performance.now()
  let last = began
  return () => {
    const now = performance.now()
    if (!stream.isTTY || now - last < progressEvery) return
    last = now
    const rate = Math.round((exported.rows / (now - began)) * 1_000)
    stream.write(`${exported.target}: ${inThousands(exported.rows)} rows, ${inThousands(rate)} a second\n`)
  }
}

function report({ stdout, stderr }: Console, exported: RowExport, { out, json }: Destination): void {
  const facts = factsOf(exported)
  if (json) {
    printJson(stdout, { ...facts, file: out })
    return
  }
  const rows = `${inThousands(facts.rows)} rows of ${facts.target} as of ${facts.asOf}`
  const degraded = facts.degraded ? '; they may lack a parked event, see `trifold parked list`' : ''
  if (out === undefined) stderr.write(`${rows}${degraded}\n`)
  else stdout.write(`${rows} in ${out}${degraded}\n`)
}
