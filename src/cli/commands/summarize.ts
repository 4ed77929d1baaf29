import { Command } from 'commander'
import type { Summarize } from '../../query.ts'
import type { ReadableTarget, Toolkit } from '../../toolkit.ts'
import { type ConfigOptions, withConfig, withToolkit } from '../configuration.ts'
import { type Console, printJson } from '../console.ts'

interface SummarizeOptions extends ConfigOptions {
  group?: string
  timeZone?: string
  aggregates?: string
  where?: string
  text?: string
  having?: string
  sort?: string
  limit?: string
  after?: string
  csv?: boolean
}

/** `trifold summarize`: counts, sums and other numbers, in groups. */
export function summarizeCommand(console: Console): Command {
  const command = withConfig(new Command('summarize'))
  return command
    .description('show counts, sums and other numbers, in groups')
    .argument('<target>', 'a target, or a read model for the target that serves')
    .option(
      '--group <terms>',
      'columns, parts of the calendar (opened_at:month) and ranges (price:10/50/100, price:step=10)',
    )
    .option('--time-zone <zone>', 'where the days of the calendar begin (default: that of the read model)')
    .option(
      '--aggregates <list>',
      'such as sum:total,avg:total,percentile:total:0.5, or with a name: revenue=sum:total',
    )
    .option('--where <json>', 'only rows that fulfil conditions, as `find` takes them')
    .option('--text <words>', 'only rows with these words; of an index')
    .option('--having <json>', 'only groups with such numbers: \'{"count":{"gte":10}}\'')
    .option('--sort <order>', 'count, group or an aggregate, behind a minus for the largest first (default: -count)')
    .option('--limit <n>', 'groups, 1 to 10000 (default: 100)')
    .option('--after <token>', 'wait until the target shows this commit')
    .option('--csv', 'print CSV')
    .addHelpText('after', help)
    .action((target: string, options: SummarizeOptions) => {
      if (options.csv && options.json) command.error('give --csv or --json, not both')
      return withToolkit(console, options, (toolkit) => runSummarize(console, toolkit, target, options))
    })
}

async function runSummarize(
  console: Console,
  toolkit: Toolkit,
  name: string,
  options: SummarizeOptions,
): Promise<void> {
  const { addressed } = await import('./request-options.ts')
  const { readModel, from } = addressed(toolkit, name)
  const asked: Summarize = { ...(await requestOf(options)), ...(from && { from: from as ReadableTarget }) }
  const summary = await toolkit.readModel(readModel).summarize(asked)
  if (options.json) {
    printJson(console.stdout, summary)
    return
  }
  const { summaryCsv, summaryNote, summaryText } = await import('./summarize-output.ts')
  const { definition } = toolkit.target(summary.target).context
  if (options.csv) console.stdout.write(summaryCsv(definition, asked, summary))
  else if (summary.groups.length > 0) console.stdout.write(`${summaryText(definition, asked, summary)}\n`)
  console.stderr.write(`${summaryNote(summary)}\n`)
}

/** What the options ask for; the library checks it. */
async function requestOf(options: SummarizeOptions): Promise<Summarize> {
  const { jsonOf, numberOf, whereOf } = await import('./request-options.ts')
  const { aggregatesOf, groupsOf } = await import('./summarize-request.ts')
  const { group, timeZone, aggregates, where, text, having, sort, limit, after } = options
  return {
    ...(group !== undefined && { group: groupsOf(group, timeZone) }),
    ...(aggregates !== undefined && { aggregates: aggregatesOf(aggregates) }),
    ...(where !== undefined && { where: whereOf(where) }),
    ...(text !== undefined && { text }),
    ...(having !== undefined && { having: jsonOf('having', having, '\'{"count":{"gte":10}}\'') as never }),
    ...(sort !== undefined && { sort: sort as NonNullable<Summarize['sort']> }),
    ...(limit !== undefined && { limit: numberOf(limit) }),
    ...(after !== undefined && { after: after as NonNullable<Summarize['after']> }),
  }
}

const help = `
The groups are printed on stdout; how old they are, and whether there are more, on stderr.
Parts of the calendar: minute, hour, day, week, month, quarter, year. Aggregates: count, countDistinct, sum, avg, min, max,
percentile (0.5 is the median).

Examples:
  $ trifold summarize order_summary --group status
  $ trifold summarize order_summary --group country --aggregates revenue=sum:total,avg:total --sort -revenue --limit 5
  $ trifold summarize order_summary --group ordered_at:month,status --time-zone Europe/Vienna --sort group --csv
  $ trifold summarize order_summary --group total:10/50/100 --sort group`
