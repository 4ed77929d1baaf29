import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type ConfigOptions, readConfigurationFile } from 'trifold/internal/cli/configuration'
import { type Console, colorsOf, print } from 'trifold/internal/cli/console'
import { onStop } from 'trifold/internal/cli/signals'
import type { Comparison, GrowthComparison } from '../index.ts'
import { compare, compareGrowth } from '../index.ts'
import { comparisonText, growthText } from './output.ts'
import { compareProgress } from './progress.ts'

export interface CompareCommandOptions extends ConfigOptions {
  workload?: string
  queries?: string
  /** Seconds. */
  for?: number
  rate?: number
  replay?: boolean
  rebuild: boolean
  yes?: boolean
  grow?: number[]
  seed?: number
  html?: string
}

const interruptedCode = 130

/** Runs the comparison and shows it; Ctrl-C ends it in order, with exit code 130. */
export async function runCompare(console: Console, readModel: string, options: CompareCommandOptions): Promise<void> {
  const { config, file } = await readConfigurationFile(console, options)
  const stopping = onStop()
  const abort = new AbortController()
  stopping.asked.then(() => abort.abort(new Error('interrupted')))
  const progress = compareProgress(console.stderr)
  const shared = {
    configFile: file,
    workload: options.workload && resolve(options.workload),
    queries: options.queries && resolve(options.queries),
    seconds: options.for,
    rate: options.rate,
    replay: options.replay,
    rebuild: options.rebuild,
    yes: options.yes,
    progress,
    signal: abort.signal,
  }
  try {
    const document = options.grow
      ? await compareGrowth(config, readModel, { ...shared, sizes: options.grow, seed: options.seed })
      : await compare(config, readModel, shared)
    progress.end()
    await show(console, document, options)
  } catch (error) {
    progress.end()
    if (!isInterruption(error, abort.signal)) throw error
    console.exitCode = interruptedCode
    console.stderr.write('trifold: interrupted; what the comparison created has been removed\n')
  } finally {
    stopping.forget()
  }
}

/** What goes wrong at the end of a comparison that was interrupted has to be said too. */
const isInterruption = (error: unknown, { aborted, reason }: AbortSignal): boolean =>
  aborted && (error === reason || (error as Error).name === 'AbortError')

async function show(
  console: Console,
  document: Comparison | GrowthComparison,
  { json, html }: CompareCommandOptions,
): Promise<void> {
  const colors = colorsOf(console.stdout)
  print(console, json, document, () =>
    'sizes' in document ? growthText(document, colors) : comparisonText(document, colors),
  )
  if (html === undefined) return
  const { htmlReport } = await import('../report.ts')
  await writeFile(html, await htmlReport(document))
  console.stderr.write(`${html} is written\n`)
}
