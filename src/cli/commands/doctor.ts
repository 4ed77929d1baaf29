import { Command } from 'commander'
import { type ConfigOptions, readConfiguration, withConfig } from '../configuration.ts'
import { type Console, colorsOf, print } from '../console.ts'

/** `trifold doctor`: what is wrong with the engines and the configuration. */
export function doctorCommand(console: Console): Command {
  return withConfig(new Command('doctor'))
    .description(
      'check engines, privileges and settings, and say what to do; changes nothing, exit code 1 on a problem',
    )
    .addHelpText('after', '\nExample:\n  $ trifold doctor --config trifold.config.ts')
    .action(async (options: ConfigOptions) => {
      const config = await readConfiguration(console, options)
      const { doctor } = await import('../../operator/doctor.ts')
      const { doctorText } = await import('./doctor-output.ts')
      const report = await doctor(config)
      print(console, options.json, report, () => doctorText(report, colorsOf(console.stdout)))
      if (!report.ok) console.exitCode = 1
    })
}
