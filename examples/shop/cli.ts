import cliProgress from 'cli-progress'
import { Command, InvalidArgumentError } from 'commander'
import pg from 'pg'
import { migrate } from 'trifold'
import type { DemoKit } from './demo/run.ts'
import { generateShop } from './generate.ts'
import { generateBulk } from './generate-bulk.ts'
import { importRetail } from './import.ts'
import { migrateShop } from './migrate.ts'
import { openShop, type Shop } from './shop.ts'
import type { WebOptions } from './web/options.ts'

interface Common {
  database?: string
  json?: boolean
}

/** What a command does on a database whose schemas are up to date; its result is printed. */
type Work = (context: {
  shop: Shop
  url: string
  show: (share: number, text: string) => void
  signal: AbortSignal
}) => Promise<object>

const program = new Command('shop').description('Fills the example shop. Both schemas are brought up to date first.')

const command = (name: string, description: string) =>
  program
    .command(name)
    .description(description)
    .option('--database <url>', 'PostgreSQL (default: the environment variable DATABASE_URL)')
    .option('--json', 'print the report as JSON, without a progress bar')

command('import', 'import the "Online Retail" data set through the write model')
  .option('--file <path>', 'the CSV file, also compressed (default: the environment variable TRIFOLD_RETAIL_CSV)')
  .option('--limit <invoices>', 'stop after so many invoices', wholeNumber)
  .action((options: Common & { file?: string; limit?: number }) =>
    run(options, ({ shop, show, signal }) =>
      importRetail({
        orm: shop.orm,
        signal,
        ...(options.file && { file: options.file }),
        ...(options.limit && { limitInvoices: options.limit }),
        onProgress: ({ share, invoices, lines }) =>
          show(options.limit ? invoices / options.limit : share, `${lines} lines`),
      }),
    ),
  )

command('generate', 'make customers, products and orders from a seed')
  .option('--orders <count>', 'how many orders', wholeNumber, 500)
  .option('--customers <count>', 'how many customers', wholeNumber)
  .option('--products <count>', 'how many products', wholeNumber)
  .option('--seed <number>', 'another seed gives other orders', wholeNumber, 1)
  .option('--bulk', 'in plain SQL, without events: for any number of orders')
  .action((options: Common & { orders: number; seed: number; customers?: number; products?: number; bulk?: boolean }) =>
    run(options, ({ shop, url, show, signal }) => {
      const size = {
        seed: options.seed,
        orders: options.orders,
        ...(options.customers && { customers: options.customers }),
        ...(options.products && { products: options.products }),
      }
      if (options.bulk) return bulk(url, size)
      return generateShop({
        orm: shop.orm,
        signal,
        ...size,
        onProgress: ({ done, of }) => show(done / of, `${done} orders`),
      })
    }),
  )

program
  .command('web')
  .description('serve the shop as web pages on this machine, until Ctrl-C')
  .option('--database <url>', 'PostgreSQL (default: DATABASE_URL, else all engines are started and end with it)')
  .option('--no-opensearch', 'leave the search targets out')
  .option('--port <port>', 'default: a free one', port, 0)
  .option('--orders <count>', 'how many orders an empty shop gets', wholeNumber, 600)
  .option('--traffic <rate>', 'orders that others place or move on, a second; 0 for none', rate, 1)
  .action(async (options: WebOptions) => {
    // What the command line of the library lends the examples is not part of its public face.
    const kit = await import(new URL('../../dist/cli/demo-kit.js', import.meta.url).href)
    const { runWeb } = await import('./web.ts')
    await runWeb(kit as DemoKit, options)
  })

function port(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text)
  throw new InvalidArgumentError('It must be a port from 0 to 65535.')
}

function rate(text: string): number {
  if (/^\d{1,2}(\.\d+)?$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a number from 0 to 99.')
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number from 1.')
}

async function bulk(url: string, size: Parameters<typeof generateBulk>[1]): Promise<object> {
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  try {
    return await generateBulk(pool, size)
  } finally {
    await pool.end()
  }
}

async function run(options: Common, work: Work): Promise<void> {
  const url = options.database ?? process.env.DATABASE_URL
  if (!url) return program.error('shop: no database is named; set --database or DATABASE_URL')
  await migrate(url)
  await migrateShop(url)
  const shop = await openShop(url)
  const stop = new AbortController()
  const interrupt = () => stop.abort(new Error('interrupted'))
  process.once('SIGINT', interrupt)
  const bar = options.json ? undefined : new cliProgress.SingleBar({ format: '{bar} {percentage}% {text}' })
  bar?.start(100, 0, { text: '' })
  try {
    const show = (share: number, text: string) => bar?.update(Math.floor(share * 100), { text })
    const report = await work({ shop, url, show, signal: stop.signal })
    bar?.stop()
    console.log(options.json ? JSON.stringify(report) : report)
  } finally {
    bar?.stop()
    process.off('SIGINT', interrupt)
    await shop.close()
  }
}

program.parseAsync().catch((error: Error) => program.error(`shop: ${error.message}`))
