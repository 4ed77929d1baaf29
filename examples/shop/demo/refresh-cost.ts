import type { Status } from 'trifold'
import { askSearch, type Engines } from './engines.ts'
import type { TargetKind } from './probes.ts'

/** Milliseconds of one refresh: of a view the middle of its last twenty, of an index OpenSearch's own mean. */
export async function refreshCost(kind: TargetKind, status: Status, engines: Engines): Promise<number | undefined> {
  const target = status.targets.find((one) => one.materializer === kind)
  if (kind === 'view') return target?.lastRefresh?.typicalMilliseconds
  if (kind === 'table' || !engines.searchUrl || !target?.storage) return undefined
  const { _all } = (await askSearch(engines.searchUrl, `${target.storage}/_stats/refresh`)) as RefreshStats
  const { external_total: count, external_total_time_in_millis: milliseconds } = _all.primaries.refresh
  return count > 0 ? milliseconds / count : undefined
}

interface RefreshStats {
  _all: { primaries: { refresh: { external_total: number; external_total_time_in_millis: number } } }
}
