import { shownUrl } from 'trifold/internal/shown-url'
import { inMegabytes } from '../folder.ts'
import type { PublishedStack } from '../published.ts'
import type { StackStatus } from '../status.ts'

type Addresses = Pick<PublishedStack, 'databaseUrl' | 'openSearchUrl' | 'openSearchCa' | 'kafkaBrokers' | 'redisUrl'>

/** The addresses as `export NAME='value'` lines for a shell. */
export function exportLines(addresses: Addresses): string {
  const values = {
    DATABASE_URL: addresses.databaseUrl,
    OPENSEARCH_URL: addresses.openSearchUrl,
    OPENSEARCH_CA: addresses.openSearchCa,
    KAFKA_BROKERS: addresses.kafkaBrokers,
    REDIS_URL: addresses.redisUrl,
  }
  return Object.entries(values)
    .filter(([, value]) => value)
    .map(([name, value]) => `export ${name}='${value?.replaceAll("'", "'\\''")}'\n`)
    .join('')
}

/** The status as `--json` prints it: without the passwords of its addresses, which `trifold stack env` gives. */
export function withoutPasswords(status: StackStatus): StackStatus {
  const { databaseUrl, openSearchUrl, redisUrl, engines } = status
  return {
    ...status,
    ...(databaseUrl && { databaseUrl: shownUrl(databaseUrl) }),
    ...(openSearchUrl && { openSearchUrl: shownUrl(openSearchUrl) }),
    ...(redisUrl && { redisUrl: shownUrl(redisUrl) }),
    engines: engines.map((engine) => ({ ...engine, url: shownUrl(engine.url) })),
  }
}

/** What a person wants to know once a stack runs. */
export function statusLines(status: StackStatus): string {
  const lines = [
    `stack of ${status.folder}, ${status.detached ? 'detached' : 'in the foreground'}, since ${status.startedAt}`,
    engineLine('PostgreSQL', 'postgres', status, shown(status.databaseUrl)),
    engineLine('OpenSearch', 'opensearch', status, shown(status.openSearchUrl)),
    engineLine('Kafka     ', 'kafka', status, status.kafkaBrokers),
    `  Redis       ${status.redisUrl ? `${shownUrl(status.redisUrl)} (given)` : 'none: BullMQ runs on PostgreSQL'}`,
    `  data in     ${status.dataFolder}${status.dataFolder === status.runFolder ? ' (temporary)' : ''}`,
  ]
  if (status.openSearchUnavailable) lines.push('', status.openSearchUnavailable)
  if (status.kafkaUnavailable) lines.push('', status.kafkaUnavailable)
  return `${lines.join('\n')}\n`
}

const shown = (url: string | undefined): string | undefined => url && shownUrl(url)

function engineLine(title: string, name: string, status: StackStatus, address: string | undefined): string {
  const label = `  ${title}  `
  const engine = status.engines.find((started) => started.name === name)
  if (engine === undefined) return `${label}${address ? `${address} (given)` : 'not started'}`
  const state = engine.running ? `process ${engine.pid}, ${inMegabytes(engine.bytes)}` : `ENDED, see ${engine.logFile}`
  return `${label}${address}  ${engine.version}, ${state}`
}

/** How to use what runs. */
export function usageLines(detached: boolean): string {
  const end = detached ? 'trifold stack down' : 'Ctrl-C here, or trifold stack down elsewhere'
  return `\n  use it:  eval "$(trifold stack env)"\n  end it:  ${end}\n`
}
