import { Command } from 'commander'
import type { Console } from '../console.ts'
import { addExtension } from '../extension-command.ts'

/** `trifold compare`, which `@trifold/compare` brings. */
export const compareCommand = (console: Console, argv: readonly string[]): Promise<Command> =>
  addExtension(
    new Command('compare').description('put the same load on all targets of a read model, and show what each costs'),
    'compare',
    console,
    argv,
  )
