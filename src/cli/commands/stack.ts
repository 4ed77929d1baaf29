import { Command } from 'commander'
import type { Console } from '../console.ts'
import { addExtension } from '../extension-command.ts'

/** `trifold stack`, which `@trifold/stack` brings. */
export const stackCommand = (console: Console, argv: readonly string[]): Promise<Command> =>
  addExtension(
    new Command('stack').description('start and stop PostgreSQL and OpenSearch on this machine'),
    'stack',
    console,
    argv,
  )
