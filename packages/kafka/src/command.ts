import { type Command, InvalidArgumentError } from 'commander'
import { withConfig } from 'trifold/internal/cli/configuration'
import type { Console } from 'trifold/internal/cli/console'
import { parseAddresses } from './command/addresses.ts'
import type { RelayCommandOptions } from './command/relay.ts'

const help = `
The topic must be there, and its number of partitions must not change: the events of an aggregate are in one partition, in
the order of the outbox. The first relay of a topic begins with the next event. Several may run: one publishes, the others
wait for it to end. Most applications need no broker: read docs/broker.md first.

Examples:
  $ KAFKA_BROKERS=localhost:9092 trifold relay shop-events
  $ trifold relay shop-events --brokers one:9092,two:9092 --source https://shop.example/orders
  $ trifold relay shop-events --forget`

/** `trifold relay`: publishes the outbox to a topic, until SIGINT or SIGTERM. */
export function configure(command: Command, console: Console): void {
  withConfig(command)
    .argument('<topic>', 'the topic to publish to')
    .option('--brokers <addresses>', 'host:port, several with commas (default: KAFKA_BROKERS)', readAddresses)
    .option('--source <uri>', 'the source of the events, for CloudEvents (default: /trifold/<topic>)')
    .option('--into-existing', 'begin in a topic that has records already')
    .option('--forget', 'keep no events for the topic any more, and end')
    .option('-v, --verbose', 'log every page as well')
    .addHelpText('after', help)
    .action(async (topic: string, options: RelayCommandOptions) => {
      const { relay } = await import('./command/relay.ts')
      await relay(console, topic, options)
    })
}

function readAddresses(text: string): string[] {
  const addresses = parseAddresses(text)
  if (addresses) return addresses
  throw new InvalidArgumentError('write addresses as host:port, with commas in between.')
}
