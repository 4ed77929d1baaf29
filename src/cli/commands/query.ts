import { Command } from 'commander'
import { TrifoldError } from '../../errors.ts'
import type { Find } from '../../query/request.ts'
import type { ReadableTarget, Toolkit } from '../../toolkit.ts'
import { type ConfigOptions, withConfig, withToolkit } from '../configuration.ts'
import { type Console, printJson } from '../console.ts'

interface QueryOptions extends ConfigOptions {
  where?: string
  columns?: string
  text?: string
  suggest?: string
  sort?: string
  limit?: string
  cursor?: string
  hold?: string
  after?: string
}

/** `trifold query`: a page of rows. */
export function queryCommand(console: Console): Command {
  return withConfig(new Command('query'))
    .description('show a page of rows')
    .argument('<target>', 'a target, or a read model for the target that serves')
    .option('--where <json>', 'only rows that fulfil conditions, as `find` takes them')
    .option('--columns <columns>', 'some columns, in this order (default: all)')
    .option('--text <words>', 'only rows with these words; of an index')
    .option('--suggest <words>', 'what somebody who has typed these words may want to type; of an index')
    .option(
      '--sort <columns>',
      'the order, such as -total,order_id, "agent missing first" or "agent ignoring case" (default: the key, or the best match)',
    )
    .option('--limit <n>', 'rows of the page, 1 to 10000 (default: 100); suggestions, 1 to 50 (default: 10)')
    .option('--cursor <cursor>', 'the page behind another one, which printed this')
    .option(
      '--hold <span>',
      'keep the rows of all pages as they are at the first, for so long until the next; of an index',
    )
    .option('--after <token>', 'wait until the target shows this commit')
    .addHelpText('after', help)
    .action((target: string, options: QueryOptions) =>
      withToolkit(console, options, (toolkit) => runQuery(console, toolkit, target, options)),
    )
}

async function runQuery(console: Console, toolkit: Toolkit, name: string, options: QueryOptions): Promise<void> {
  const { addressed } = await import('./request-options.ts')
  const { readModel, from } = addressed(toolkit, name)
  const asked = { ...(await requestOf(options)), ...(from && { from: from as ReadableTarget }) }
  const reader = toolkit.readModel(readModel)
  if (options.suggest !== undefined) {
    const { printSuggestions } = await import('./query-output.ts')
    printSuggestions(console, await reader.suggest({ ...asked, text: suggestedFor(options) }), options.json === true)
    return
  }
  const found = await reader.find(asked)
  if (options.json) {
    printJson(console.stdout, found)
    return
  }
  const { pageNote, pageText } = await import('./query-output.ts')
  const { chosenColumns } = await import('../../query/chosen.ts')
  const columns = chosenColumns(toolkit.target(found.target).context.definition, asked.columns)
  if (found.rows.length > 0) console.stdout.write(`${pageText(columns, found.rows)}\n`)
  console.stderr.write(`${pageNote(found)}\n`)
}

/** @throws QUERY_INVALID */
function suggestedFor({ suggest, text }: QueryOptions): string {
  if (suggest !== undefined && text === undefined) return suggest
  throw new TrifoldError('QUERY_INVALID', 'query: give --suggest or --text, not both; --suggest has the words itself')
}

/** What the options ask for; the library checks it. */
async function requestOf({ where, columns, text, sort, limit, cursor, hold, after }: QueryOptions): Promise<Find> {
  const { listOf, numberOf, whereOf } = await import('./request-options.ts')
  return {
    ...(where !== undefined && { where: whereOf(where) }),
    ...(columns !== undefined && { columns: listOf(columns) }),
    ...(text !== undefined && { text }),
    ...(sort !== undefined && { sort: listOf(sort) }),
    ...(limit !== undefined && { limit: numberOf(limit) }),
    ...(cursor !== undefined && { cursor }),
    ...(hold !== undefined && { hold: hold as NonNullable<Find['hold']> }),
    ...(after !== undefined && { after: after as NonNullable<Find['after']> }),
  }
}

const help = `
The rows are printed on stdout; how old they are, and how to ask for the next page, on stderr. Long texts are cut; --json
has the whole values, the age and the cursor.

Examples:
  $ trifold query order_summary --where '{"status":"open","total":{"gt":"100"}}' --sort -total --limit 20
  $ trifold query order_summary --columns order_id,status,total
  $ trifold query order_summary@search --text 'blue lamp' --json | jq .rows[].order_id
  $ trifold query order_summary@search --suggest 'blue la'`
