import { type Command, InvalidArgumentError } from 'commander'
import { exportLines, statusLines, usageLines, withoutPasswords } from './command/output.ts'
import { type Stack, startStack } from './index.ts'
import { progressLines } from './progress-lines.ts'
import { type FoundStack, findStack } from './published.ts'
import { clearStale, shutDown } from './shut-down.ts'
import { stackStatus } from './status.ts'

/** Exit codes beside 0 and the 1 of errors, so that scripts can tell them apart. */
const exitCodes = { notRunning: 3, interrupted: 130 }

/**
 * `trifold stack`: the embedded engines of the working folder. Exits with 0 on success, with 1 on an error or when an
 * engine ended by itself, `status` and `env` with 3 when nothing runs, an interrupted start with 130.
 */
export function configure(stack: Command): void {
  stack
    .command('up')
    .description('start the engines that DATABASE_URL and OPENSEARCH_URL do not name, and keep them until Ctrl-C')
    .option('--detach', 'return once they run; "trifold stack down" ends them')
    .option('--no-opensearch', 'start PostgreSQL alone')
    .option('--kafka', 'start Kafka too, unless KAFKA_BROKERS names one')
    .option('--data <folder>', 'keep the data in this folder (default: a temporary one, removed at the end)')
    .option('--postgres-port <port>', 'port of PostgreSQL (default: a free one)', readPort)
    .option('--opensearch-port <port>', 'port of OpenSearch (default: a free one)', readPort)
    .option('--kafka-port <port>', 'port of Kafka (default: a free one)', readPort)
    .option('--heap <size>', 'heap of OpenSearch', '512m')
    .option('--json', 'print what runs as JSON')
    .action(up)
  stack
    .command('down')
    .description('stop the stack of this folder')
    .option('--json', 'print the outcome as JSON')
    .action(down)
  stack
    .command('status')
    .description('show what runs for this folder; exit code 3 when nothing does')
    .option('--json', 'print it as JSON')
    .action(status)
  stack.command('env').description('print the addresses for a shell: eval "$(trifold stack env)"').action(env)
}

interface UpOptions {
  detach?: boolean
  opensearch: boolean
  kafka?: boolean
  data?: string
  postgresPort?: number
  opensearchPort?: number
  kafkaPort?: number
  heap: string
  json?: boolean
}

async function up(options: UpOptions): Promise<void> {
  const folder = process.cwd()
  const running = await findRunning(folder)
  if (running !== undefined) {
    process.stderr.write('already running\n')
    return printStack(running, options.json)
  }
  const interrupt = new AbortController()
  const forget = onInterrupt(() => interrupt.abort())
  try {
    await startAndKeep(folder, options, interrupt.signal)
  } catch (error) {
    if (!interrupt.signal.aborted) throw error
    process.exitCode = exitCodes.interrupted
  } finally {
    forget()
  }
}

async function startAndKeep(folder: string, options: UpOptions, signal: AbortSignal): Promise<void> {
  const stack = await startStack({
    dataDir: options.data,
    openSearch: options.opensearch,
    kafka: options.kafka,
    postgresPort: options.postgresPort,
    openSearchPort: options.opensearchPort,
    kafkaPort: options.kafkaPort,
    openSearchHeap: options.heap,
    progress: progressLines(process.stderr),
    signal,
  })
  try {
    await stack.publish({ folder, detach: options.detach ?? false })
  } catch (error) {
    await stack.stop()
    throw error
  }
  const found = await findStack(process.env, folder)
  if (found !== undefined) await printStack(found, options.json)
  if (!options.detach) await keepUntilEnd(stack, signal)
}

/** Waits for Ctrl-C, for `trifold stack down` elsewhere, or for an engine that ends by itself, which is an error. */
async function keepUntilEnd(stack: Stack, signal: AbortSignal): Promise<void> {
  const hold = setInterval(() => {}, 60_000)
  const interrupted = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined)
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  const ended = stack.engines.map((engine) => engine.process.wait().then(() => engine))
  try {
    const engine = await Promise.race([interrupted, ...ended])
    if (engine === undefined || stack.isStopping()) return
    process.stderr.write(`${engine.name} ended by itself; its data and log were in ${engine.folder}\n`)
    process.exitCode = 1
  } finally {
    await stack.stop()
    clearInterval(hold)
  }
}

async function down(options: { json?: boolean }): Promise<void> {
  const found = await findStack(process.env, process.cwd())
  if (found !== undefined) await shutDown(found)
  if (options.json) printJson({ stopped: found !== undefined, folder: process.cwd() })
  else process.stdout.write(found === undefined ? 'nothing was running here\n' : 'stopped\n')
}

async function status(options: { json?: boolean }): Promise<void> {
  const found = await findRunning(process.cwd())
  if (found === undefined) {
    process.exitCode = exitCodes.notRunning
    if (options.json) return printJson({ running: false, folder: process.cwd(), engines: [] })
    process.stdout.write('no stack runs for this folder: start one with "trifold stack up"\n')
    return
  }
  const now = await stackStatus(found)
  if (!now.running) process.exitCode = exitCodes.notRunning
  if (options.json) printJson(withoutPasswords(now))
  else process.stdout.write(statusLines(now))
}

async function env(): Promise<void> {
  const found = await findRunning(process.cwd())
  if (found !== undefined) {
    process.stdout.write(exportLines(found.published))
    return
  }
  process.exitCode = exitCodes.notRunning
  process.stderr.write('no stack runs for this folder: start one with "trifold stack up --detach"\n')
}

/** The stack of a folder; an entry whose supervisor is gone is cleared away. */
async function findRunning(folder: string): Promise<FoundStack | undefined> {
  const found = await findStack(process.env, folder)
  if (found === undefined || found.report !== undefined) return found
  process.stderr.write('the last stack of this folder was killed; what it left is being cleared\n')
  await clearStale(found)
  return undefined
}

async function printStack(found: FoundStack, json: boolean | undefined): Promise<void> {
  const now = await stackStatus(found)
  if (json) printJson(withoutPasswords(now))
  else process.stdout.write(`${statusLines(now)}${usageLines(now.detached)}`)
}

function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}

function onInterrupt(act: () => void): () => void {
  process.on('SIGINT', act)
  process.on('SIGTERM', act)
  return () => {
    process.off('SIGINT', act)
    process.off('SIGTERM', act)
  }
}

function readPort(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new InvalidArgumentError('a port is 1 to 65535.')
  return port
}
