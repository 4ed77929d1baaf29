import { Command, Option } from 'commander'
import type { ExportFormat, ExportRequest, RowExport } from '../../export.ts'
import { type ConfigOptions, withConfig, withToolkit } from '../configuration.ts'
import type { Console } from '../console.ts'

interface ExportCommandOptions extends ConfigOptions {
  where?: string
  text?: string
  sort?: string
  columns?: string
  format: ExportFormat
  raw?: boolean
  out?: string
  force?: boolean
  after?: string
}

const formats: ExportFormat[] = ['csv', 'ndjson', 'parquet']

/** `trifold export`: the rows of a target at one snapshot, on stdout or in a file. */
export function exportCommand(console: Console): Command {
  const command = withConfig(new Command('export'))
  return command
    .description('write all rows of a target at one snapshot as CSV, NDJSON or Parquet: complete, or an error')
    .argument('<target>', 'a target, or a read model for the target that serves')
    .option('--where <json>', 'only rows that fulfil conditions, as `find` takes them')
    .option('--text <words>', 'only rows with these words; of an index')
    .option('--sort <columns>', 'the order, such as -total,order_id (default: any, or the best match first)')
    .option('--columns <columns>', 'some columns, in this order (default: all)')
    .addOption(new Option('--format <format>', 'the format').choices(formats).default('csv'))
    .option('--raw', 'leave texts that a spreadsheet takes for formulas as they are')
    .option('-o, --out <file>', 'write this file, and its facts to <file>.meta.json (default: stdout)')
    .option('--force', 'replace the file if it is there')
    .option('--after <token>', 'wait until the target shows this commit')
    .addHelpText('after', help)
    .action((target: string, options: ExportCommandOptions) => {
      if (options.json && options.out === undefined)
        command.error('--json prints the facts on stdout, so the rows need --out <file>')
      return withToolkit(console, options, async (toolkit) => {
        const { openExport } = await import('../../export.ts')
        const { runExport } = await import('./export-run.ts')
        const request = await requestOf(options)
        const open = (signal: AbortSignal): Promise<RowExport> =>
          openExport(toolkit, target, request, { format: options.format, raw: options.raw ?? false, signal })
        await runExport(console, open, options)
      })
    })
}

/** What the options ask for; the library checks it. */
async function requestOf({ where, text, sort, columns, after }: ExportCommandOptions): Promise<ExportRequest> {
  const { listOf, whereOf } = await import('./request-options.ts')
  return {
    ...(where !== undefined && { where: whereOf(where) }),
    ...(text !== undefined && { text }),
    ...(sort !== undefined && { sort: listOf(sort) }),
    ...(columns !== undefined && { columns: listOf(columns) }),
    ...(after !== undefined && { after: after as NonNullable<ExportRequest['after']> }),
  }
}

const help = `
The rows of a view are those of its last refresh, those of a table or an index are of now, however busy it is. A file
gets its name when it is complete. In CSV a missing value is empty and an empty text is "".

Examples:
  $ trifold export order_summary --out orders.csv
  $ trifold export order_summary@search --where '{"status":"open"}' --format ndjson | gzip > open.ndjson.gz
  $ trifold export order_summary --format parquet --out orders.parquet
  $ trifold export order_summary --columns order_id,total --sort -total --out totals.csv --force`
