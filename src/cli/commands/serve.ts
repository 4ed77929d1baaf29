import { Command } from 'commander'
import type { Console } from '../console.ts'
import { addExtension } from '../extension-command.ts'

/** `trifold serve`, which `@trifold/http` brings. */
export const serveCommand = (console: Console, argv: readonly string[]): Promise<Command> =>
  addExtension(new Command('serve').description('serve the read models over HTTP'), 'http', console, argv)
