import { Command, InvalidArgumentError } from 'commander'
import { milliseconds, type Span } from '../../span.ts'
import { readConfiguration, withConfig } from '../configuration.ts'
import type { Console } from '../console.ts'
import { readHealthAddress } from './health-option.ts'
import { isWorkerChild } from './worker-child.ts'
import type { WorkerCommandOptions } from './worker-run.ts'

/** `trifold worker`: keeps the targets current until SIGINT or SIGTERM. */
export function workerCommand(console: Console): Command {
  return withConfig(new Command('worker'))
    .description('build the targets and keep them current, until SIGINT or SIGTERM (a second one ends at once)')
    .option('--only <names>', 'only these targets and read models, such as order_summary@table,daily_sales', readNames)
    .option('--grace <span>', 'after a signal, the longest wait for what is under way', readSpan, 30_000)
    .option(
      '--health <address>',
      'serve /metrics, /health and /ready at [host:]port (default host: 127.0.0.1)',
      readHealthAddress,
    )
    .option('--no-verify-builds', 'serve what is built without comparing its rows with the definition first')
    .option('-v, --verbose', 'log every page as well')
    .addHelpText(
      'after',
      '\nExample:\n  $ trifold worker --only order_summary@table\n\n' +
        'Several workers may run: they share the targets evenly, and each target has one consumer at a time. With --json every line of the log is JSON: `kind` and its fields.\n' +
        'A worker that a handler ends (an endless loop, an exit, a crash) starts again: that target stops at the event, the others go on.\n' +
        'It waits for a database that does not answer, and stays if every target has stopped: `trifold target resume` needs no restart.',
    )
    .action(async (options: WorkerCommandOptions) => {
      const isProgram = console.stdout === process.stdout
      if (!isProgram || isWorkerChild()) return run(console, options)
      const { keepWorker } = await import('./worker-parent.ts')
      console.exitCode = await keepWorker(console)
    })
}

async function run(console: Console, options: WorkerCommandOptions): Promise<void> {
  const config = await readConfiguration(console, options)
  const { runWorker } = await import('./worker-run.ts')
  await runWorker(console, config, options)
}

/** `a@table, b@view` */
function readNames(text: string): string[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)
  if (names.length > 0) return names
  throw new InvalidArgumentError('name at least one target or read model, such as "order_summary@table".')
}

/** Longer ones overflow the timer, which then ends at once. */
const longestGrace = 24 * 86_400_000

function readSpan(text: string): number {
  const span = milliseconds(text as Span)
  if (span === undefined) throw new InvalidArgumentError('write a time span such as "30s" or "2m".')
  if (span > longestGrace) throw new InvalidArgumentError('write at most "24d".')
  return span
}
