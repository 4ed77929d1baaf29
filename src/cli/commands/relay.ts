import { Command } from 'commander'
import type { Console } from '../console.ts'
import { addExtension } from '../extension-command.ts'

/** `trifold relay`, which `@trifold/kafka` brings. */
export const relayCommand = (console: Console, argv: readonly string[]): Promise<Command> =>
  addExtension(new Command('relay').description('publish the outbox to a Kafka topic'), 'kafka', console, argv)
