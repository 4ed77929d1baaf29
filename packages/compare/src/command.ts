import { type Command, InvalidArgumentError } from 'commander'
import { withConfig } from 'trifold/internal/cli/configuration'
import type { Console } from 'trifold/internal/cli/console'
import { milliseconds } from 'trifold/internal/span'
import type { CompareCommandOptions } from './command/run.ts'

const examples = `
Examples:
  $ trifold compare order_summary --workload workload.ts --for 60s --rate 20
  $ trifold compare order_summary --replay --for 30s            events of the past, if they can be appended again
  $ trifold compare order_summary --queries queries.json --html comparison.html
  $ trifold compare order_summary --grow 10k,100k,1M            on generated data, each size in its own database

The workload is a module of yours: it runs your own write transactions and appends through the outbox that it is given.
  export default defineWorkload({
    async open(databaseUrl, outbox) {
      const app = await openApp(databaseUrl, outbox)
      return { transaction: () => app.placeOrder(), close: () => app.close() }
    },
  })
Queries are { "name": { "find": { … } } } or { "name": { "summarize": { … } } }, as JSON or a module's default export.

Targets that are missing are created, and removed at the end. What the workload writes stays, so run it on a copy, with
another OpenSearch or \`indexPrefix\` if the copy has indexes: a database that looks like one in use is refused without
--yes. Ctrl-C ends it and removes what was created.`

/** `trifold compare`: the targets of a read model side by side, under the same load. */
export function configure(command: Command, console: Console): void {
  withConfig(command)
    .argument('<read-model>', 'such as order_summary')
    .option('-w, --workload <file>', 'your write transactions (default: `workload` in the configuration)')
    .option('--replay', 'append the newest events of the outbox again in place of a workload')
    .option('--for <span>', 'how long the load runs (default: 60s; 15s with --grow)', readSeconds)
    .option('--rate <n>', 'transactions a second (default: 20)', readNumber)
    .option('-q, --queries <file>', 'the queries to compare (default: derived from key, indexes and data)')
    .option('--no-rebuild', 'do not rebuild the targets that serve to time it')
    .option('--grow <sizes>', 'repeat on generated data of these sizes, such as 10k,100k,1M', readSizes)
    .option('--seed <n>', 'another seed generates other data (default: 1)', readNumber)
    .option('--html <file>', 'write the comparison as a page')
    .option('--yes', 'also on a database that looks like one in use, and with any load')
    .addHelpText('after', examples)
    .action(async (readModel: string, options: CompareCommandOptions) => {
      const { runCompare } = await import('./command/run.ts')
      await runCompare(console, readModel, options)
    })
}

function readSeconds(text: string): number {
  const span = milliseconds(text)
  if (span === undefined) throw new InvalidArgumentError('It must be a time span such as 30s or 2m.')
  return span / 1_000
}

function readNumber(text: string): number {
  const number = Number(text)
  if (text.trim() === '' || !Number.isFinite(number) || number <= 0)
    throw new InvalidArgumentError('It must be a number above 0.')
  return number
}

const factors: Record<string, number> = { '': 1, k: 1_000, m: 1_000_000 }

/** `10k,100k,1M` */
function readSizes(text: string): number[] {
  return text.split(',').map((part) => {
    const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)([km]?)$/i.exec(part.trim()) ?? []
    const size = Number(digits) * factors[unit.toLowerCase()]!
    if (Number.isInteger(size) && size > 0) return size
    throw new InvalidArgumentError('It must be sizes such as 10k,100k,1M.')
  })
}
