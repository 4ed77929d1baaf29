import { type ConfigOptions, readConfiguration } from 'trifold/internal/cli/configuration'
import { type Console, printJsonLine } from 'trifold/internal/cli/console'
import { logTo } from 'trifold/internal/cli/log'
import { onStop } from 'trifold/internal/cli/signals'
import { checkDatabase, openPool } from 'trifold/internal/database'
import { TrifoldError } from 'trifold/internal/errors'
import { forgetRelay } from '../forget.ts'
import { runRelay } from '../relay.ts'
import { parseAddresses } from './addresses.ts'

export interface RelayCommandOptions extends ConfigOptions {
  brokers?: string[]
  source?: string
  intoExisting?: boolean
  forget?: boolean
  verbose?: boolean
}

/** Publishes until a signal. */
export async function relay(console: Console, topic: string, options: RelayCommandOptions): Promise<void> {
  const { database } = await readConfiguration(console, options)
  await checkDatabase(database)
  const pool = openPool(database, { name: 'relay', max: 2 })
  try {
    if (options.forget) return await forget(console, pool, topic, options)
    const { brokers = brokersOf(process.env), source, intoExisting, json, verbose } = options
    const stopping = onStop()
    const running = runRelay(database, pool, {
      topic,
      brokers,
      source,
      intoExisting,
      observe: logTo(console.stdout, { json, verbose }),
    })
    await Promise.race([stopping.asked, running.ended])
    await running.stop()
    stopping.forget()
  } finally {
    await pool.end()
  }
}

async function forget(
  { stdout }: Console,
  pool: ReturnType<typeof openPool>,
  topic: string,
  { json }: RelayCommandOptions,
): Promise<void> {
  const forgotten = await forgetRelay(pool, topic)
  if (json) printJsonLine(stdout, { topic, forgotten })
  else
    stdout.write(
      forgotten ? `the outbox keeps no events for ${topic} any more\n` : `no relay was registered for ${topic}\n`,
    )
}

function brokersOf({ KAFKA_BROKERS }: NodeJS.ProcessEnv): string[] {
  const addresses = parseAddresses(KAFKA_BROKERS ?? '')
  if (addresses) return addresses
  const fault = KAFKA_BROKERS ? `KAFKA_BROKERS is "${KAFKA_BROKERS}"` : 'no brokers are named'
  throw new TrifoldError('CONFIG_INVALID', `relay: ${fault}; give --brokers or KAFKA_BROKERS as host:port,host:port`)
}
