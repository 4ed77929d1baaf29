import type { ResolvedConfig } from '../../config.ts'
import { shownUrl } from '../../shown-url.ts'
import { withinTime } from '../within-time.ts'
import { type Checks, type Finding, failed, ok, problem, runChecks, warning } from './finding.ts'

export interface SearchFacts {
  url: string
  version: string
  health: string
  autoCreate: string
  /** Per data node: used share of the disk in percent, as far as it is known. */
  disks: { node: string; percent: number }[]
  highWatermark: string
  thresholdEnabled: boolean
  heaps: { node: string; percent: number; megabytes: number }[]
}

const patience = 15_000

/** Everything about the OpenSearch of a configuration; nothing if no search target is configured. */
export async function examineSearch(config: ResolvedConfig): Promise<Finding[]> {
  const wanted = Object.entries(config.readModels).filter(([, model]) => model.targets.search)
  if (wanted.length === 0) return []
  if (!config.search) {
    const message = `${wanted[0]?.[0]}@search is configured, but no address of OpenSearch is known`
    const next = 'set `search` or OPENSEARCH_URL, or remove the search target'
    return [{ part: 'opensearch', check: 'reachable', ...problem(message, next) }]
  }
  try {
    const facts = await withinTime(
      readSearchFacts(config.search),
      patience,
      `opensearch: ${shownUrl(config.search.url)}`,
    )
    return runChecks('opensearch', searchChecks, facts)
  } catch (error) {
    return [failed('opensearch', 'reachable', error)]
  }
}

async function readSearchFacts(address: NonNullable<ResolvedConfig['search']>): Promise<SearchFacts> {
  const { answerOf, engineVersion, openSearchClient } = await import('../../opensearch/client.ts')
  const client = openSearchClient(address)
  try {
    const { number: version } = await engineVersion(client)
    const health = await answerOf('the health', client.cluster.health())
    const settings = await answerOf(
      'the settings',
      client.cluster.getSettings({ include_defaults: true, flat_settings: true }),
    )
    const allocation = await answerOf('the disks', client.cat.allocation({ format: 'json' }))
    const nodes = await answerOf('the heaps', client.nodes.stats({ metric: ['jvm'] }))
    const setting = (name: string) => settingOf(settings as unknown as Settings, name)
    return {
      url: shownUrl(address.url),
      version,
      health: health.status,
      autoCreate: setting('action.auto_create_index') ?? 'true',
      disks: disksOf(allocation as unknown as Allocation[]),
      highWatermark: setting('cluster.routing.allocation.disk.watermark.high') ?? '90%',
      thresholdEnabled: setting('cluster.routing.allocation.disk.threshold_enabled') !== 'false',
      heaps: heapsOf(nodes as unknown as NodeStats),
    }
  } finally {
    await client.close()
  }
}

type Settings = Record<'persistent' | 'transient' | 'defaults', Record<string, string> | undefined>
type Allocation = { node: string; 'disk.percent': string | null }
type NodeStats = { nodes: Record<string, { name: string; jvm: { mem: Record<string, number> } }> }

const settingOf = (settings: Settings, name: string): string | undefined =>
  settings.transient?.[name] ?? settings.persistent?.[name] ?? settings.defaults?.[name]

const disksOf = (rows: Allocation[]): SearchFacts['disks'] =>
  rows.filter((row) => row['disk.percent']).map((row) => ({ node: row.node, percent: Number(row['disk.percent']) }))

const heapsOf = ({ nodes }: NodeStats): SearchFacts['heaps'] =>
  Object.values(nodes).map(({ name, jvm }) => ({
    node: name,
    percent: jvm.mem.heap_used_percent ?? 0,
    megabytes: Math.round((jvm.mem.heap_max_in_bytes ?? 0) / 1_048_576),
  }))

const oldestMajor = 2
const fullestHeap = 85

export const searchChecks: Checks<SearchFacts> = {
  reachable: ({ url, version }) =>
    Number.parseInt(version, 10) >= oldestMajor
      ? ok(`OpenSearch ${version} at ${url}`)
      : problem(`OpenSearch ${version} at ${url} is too old`, `use OpenSearch ${oldestMajor} or newer`),
  health: ({ health }) =>
    health === 'red'
      ? problem('the cluster is red: a shard has no primary', 'look at _cluster/allocation/explain')
      : ok(`the cluster is ${health}`),
  autoCreate: ({ autoCreate }) =>
    autoCreate === 'false'
      ? ok('action.auto_create_index is off')
      : warning(
          `action.auto_create_index is ${autoCreate}: a mistyped or late write of any client makes an index without its mapping`,
          'PUT _cluster/settings {"persistent": {"action.auto_create_index": false}}',
        ),
  disk: ({ disks, highWatermark, thresholdEnabled }) => {
    const limit = Number.parseFloat(highWatermark)
    const full = disks.filter(({ percent }) => highWatermark.endsWith('%') && percent >= limit - 5)
    if (full.length === 0) return ok(`disks are below the high watermark (${highWatermark})`)
    const shown = full.map(({ node, percent }) => `${node} ${percent} %`).join(', ')
    const effect = thresholdEnabled
      ? 'beyond it shards move away, and at 95 % indexes turn read-only'
      : 'it may run full'
    return warning(`disks near the high watermark (${highWatermark}): ${shown}; ${effect}`, 'free space, or add a node')
  },
  heap: ({ heaps }) => {
    const tight = heaps.filter(({ percent }) => percent >= fullestHeap)
    const shown = heaps.map(({ node, percent, megabytes }) => `${node} ${percent} % of ${megabytes} MB`).join(', ')
    if (tight.length === 0) return ok(`heap: ${shown}`)
    return warning(`the heap is nearly full: ${shown}`, 'give the JVM more heap (-Xmx), up to half of the memory')
  },
}
