import { lookup } from 'node:dns/promises'
import { BlockList } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { ResolvedConfig } from 'trifold/internal/config'
import { TrifoldError } from 'trifold/internal/errors'

/** How long the database is watched for writes of others, in milliseconds. */
const watchFor = 2_000
/** Changed rows of the application's tables in that time from which on it counts as written to. */
const fewWrites = 5

const near = new BlockList()
for (const [net, prefix] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
] as const) {
  near.addSubnet(net, prefix)
}
near.addAddress('::1', 'ipv6')
near.addSubnet('fc00::', 7, 'ipv6')
near.addSubnet('fe80::', 10, 'ipv6')

/** What makes a database look like one that is in use, each as a clause. */
export interface ProductionSigns {
  /** Its address and its sessions. */
  looks: string[]
  /** Others write to it now. */
  writes: string | undefined
}

/** Looks at the address, at who is connected, and for two seconds at what is written. */
export async function productionSigns(
  pool: pg.Pool,
  { database, search }: Pick<ResolvedConfig, 'database' | 'search'>,
): Promise<ProductionSigns> {
  const [writes, ...looks] = await Promise.all([
    writesOfOthers(pool),
    otherSessions(pool),
    signsOfAddress(database),
    search ? signsOfSearch(search.url) : [],
  ])
  return { looks: looks.flat(), writes }
}

/** @throws COMPARE_PRODUCTION naming the signs */
export function refuseProduction({ looks, writes }: ProductionSigns): void {
  const signs = writes === undefined ? looks : [...looks, writes]
  if (signs.length === 0) return
  throw new TrifoldError(
    'COMPARE_PRODUCTION',
    `compare: this database looks like one that is in use: ${signs.join('; ')}. A comparison puts load on it and builds ` +
      'targets: run it on a copy, or add --yes if you mean this one',
    { details: { signs } },
  )
}

/** What the address of the database says. */
export async function signsOfAddress(databaseUrl: string): Promise<string[]> {
  const url = new URL(databaseUrl)
  const host = url.searchParams.get('host') ?? decodeURIComponent(url.hostname)
  const name = decodeURIComponent(url.pathname.slice(1))
  const signs = [`its name (${name})`, `its host (${host})`]
    .filter((_, place) => /prod/i.test([name, host][place] as string))
    .map((what) => `${what} says "prod"`)
  return (await isNear(host)) ? signs : [...signs, `its host (${host}) is not in this network`]
}

async function signsOfSearch(url: string): Promise<string[]> {
  const host = new URL(url).hostname
  const named = /prod/i.test(host) ? [`the host of OpenSearch (${host}) says "prod"`] : []
  return (await isNear(host)) ? named : [...named, `the host of OpenSearch (${host}) is not in this network`]
}

async function isNear(host: string): Promise<boolean> {
  if (host === '' || host.startsWith('/')) return true // a Unix socket
  const addresses = await lookup(host.replace(/^\[|\]$/g, ''), { all: true }).catch(() => [])
  return addresses.length > 0 && addresses.every(({ address, family }) => near.check(address, `ipv${family as 4 | 6}`))
}

/** People look at databases too: their tools are no sign of an application. */
const toolsOfPeople = '^(trifold[ -]|psql|pg_dump|pgAdmin|pgcli|DBeaver|DataGrip|TablePlus|Postico)'

async function otherSessions(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query(
    `select
      coalesce(nullif(application_name, ''), 'without a name') as name,
      count(*) as sessions
    from pg_stat_activity
    where datname = current_database()
      and backend_type = 'client backend'
      and pid <> pg_backend_pid()
      and application_name !~ $1
    group by 1
    order by count(*) desc
    limit 3`,
    [toolsOfPeople],
  )
  if (rows.length === 0) return []
  const shown = rows.map(({ name, sessions }) => `${name} (${sessions})`).join(', ')
  return [`sessions of an application are connected: ${shown}`]
}

async function writesOfOthers(pool: pg.Pool): Promise<string | undefined> {
  const before = await writesSoFar(pool)
  await delay(watchFor)
  const writes = (await writesSoFar(pool)) - before
  if (writes <= fewWrites) return undefined
  return `others write to it: ${writes} changed rows and events in ${watchFor / 1_000} s`
}

/** Rows of the application's tables that were changed, and events that were appended. */
async function writesSoFar(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query(
    `select
      (
        select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)
        from pg_stat_user_tables
        where schemaname not in ('trifold', 'bullmq')
      ) + (
        select coalesce(max(last_value), 0)
        from pg_sequences
        where schemaname = 'trifold'
          and sequencename = 'outbox_position'
      ) as writes`,
  )
  return Number(rows[0].writes)
}
