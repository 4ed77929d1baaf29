import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError } from 'commander'
import type { Console } from '../console.ts'

export interface DemoOptions {
  seconds: number
  rate: number
  orders: number
  watch?: boolean
  opensearch: boolean
  given?: boolean
  json?: boolean
}

/** `trifold demo`: the shop on all three targets, measured. */
export function demoCommand(console: Console): Command {
  return new Command('demo')
    .description('run the example shop on separate engines, and measure what the three targets cost')
    .option('--seconds <n>', 'how long to place and move orders', readNumber, 30)
    .option('--rate <n>', 'commands a second', readNumber, 20)
    .option('--orders <n>', 'orders to create first', readNumber, 2_000)
    .option('--watch', 'run until Ctrl-C')
    .option('--no-opensearch', 'leave out the search target')
    .option('--given', 'on the engines of DATABASE_URL and OPENSEARCH_URL, in a database that is dropped at the end')
    .option('--json', 'print the figures as JSON')
    .addHelpText('after', '\nExample:\n  $ trifold demo --seconds 60 --rate 50')
    .action((options: DemoOptions) => runShopDemo(console, options))
}

async function runShopDemo(console: Console, options: DemoOptions): Promise<void> {
  const file = fileURLToPath(new URL('../../../examples/shop/demo.ts', import.meta.url))
  if (!existsSync(file)) {
    const { TrifoldError } = await import('../../errors.ts')
    throw new TrifoldError(
      'DEMO_UNAVAILABLE',
      'demo: the shop is not part of the installed package; clone the repository, run `npm ci` and `npm run demo` there',
    )
  }
  const { createJiti } = await import('jiti')
  const kit = await import('../demo-kit.ts')
  const demo = await createJiti(import.meta.url).import<DemoModule>(file)
  await demo.runDemo(kit, console, options)
}

interface DemoModule {
  runDemo(kit: typeof import('../demo-kit.ts'), console: Console, options: DemoOptions): Promise<void>
}

function readNumber(text: string): number {
  const number = Number(text)
  if (!Number.isFinite(number) || number <= 0) throw new InvalidArgumentError('it must be a number above 0.')
  return number
}
