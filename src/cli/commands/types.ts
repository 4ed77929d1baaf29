import { relative } from 'node:path'
import { Command } from 'commander'
import type { TypesReport } from '../../operator/write-row-types.ts'
import { type ConfigOptions, readConfiguration, withConfig } from '../configuration.ts'
import { type Console, print } from '../console.ts'

interface TypesOptions extends ConfigOptions {
  dryRun?: boolean
}

/** `trifold types`: writes the row types of the read models. */
export function typesCommand(console: Console): Command {
  return withConfig(new Command('types'))
    .description('write the TypeScript types of the rows, as the definitions give them')
    .option('--dry-run', 'write nothing; exit code 1 if the file would change (for CI)')
    .addHelpText('after', '\nExample:\n  $ trifold types && git diff trifold.types.ts')
    .action(async (options: TypesOptions) => {
      const config = await readConfiguration(console, options)
      const { writeTypes } = await import('../../operator/write-row-types.ts')
      const report = await writeTypes(config, options)
      print(console, options.json, report, () => sentence(report))
      if (report.changed && !report.written) console.exitCode = 1
    })
}

function sentence({ file, readModels, changed, written }: TypesReport): string {
  const shown = relative(process.cwd(), file)
  if (!changed) return `${shown} is up to date`
  return `${written ? 'wrote' : 'would write'} ${shown}: ${readModels.join(', ')}`
}
