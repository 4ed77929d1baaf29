import type { Command } from 'commander'
import type { Console } from './console.ts'
import { type Extension, type ExtensionCommand, extensionMissing, installCommand, loadExtension } from './extension.ts'

/**
 * Completes a command with what its package brings, if the command line names it. Without the package its help says how
 * to install it, and running it is PACKAGE_MISSING.
 */
export async function addExtension(
  command: Command,
  name: Extension,
  console: Console,
  argv: readonly string[],
): Promise<Command> {
  if (!argv.includes(command.name())) return command
  const extension = await loadExtension<ExtensionCommand>(name, 'command')
  if (extension) extension.configure(command, console)
  else sayHowToInstall(command, name)
  return command
}

const sayHowToInstall = (command: Command, name: Extension): Command =>
  command
    .argument('[arguments...]')
    .allowUnknownOption()
    .addHelpText('after', `\nThe command is in a package that is not installed:\n  $ ${installCommand(name)}`)
    .action(() => {
      throw extensionMissing(name)
    })
