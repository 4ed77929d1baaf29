import type { Status, Verification } from 'trifold'
import type { Load } from './load.ts'
import { type Spread, spreadOf } from './percentile.ts'
import type { TargetKind } from './probes.ts'
import { measureQueryCost } from './query-cost.ts'
import { refreshCost } from './refresh-cost.ts'
import { type DemoReport, machineOf, type TargetReport } from './report.ts'
import type { Run } from './run.ts'
import type { Stage } from './stage.ts'

/** What is measured when the load is over: queries, sizes, refreshes, and whether every target is right. */
export async function measure({ kit, signal }: Run, stage: Stage, load: Load): Promise<DemoReport> {
  const { trifold, reader, targets, ids, random } = stage
  const queries = await measureQueryCost(reader, targets, ids.customers, random, signal)
  const verifications = await trifold.admin.verify('order_summary')
  const status = await trifold.admin.status()
  const reports: TargetReport[] = []
  for (const [place, kind] of targets.entries()) {
    const verification = verifications[place] as Verification
    const agrees = kit.isEqual(verification)
    reports.push({ ...(await reportOf(stage, load, kind, verification, status, queries)), agrees })
  }
  const { seconds, traffic } = load
  return {
    seconds,
    commands: traffic.done,
    rate: traffic.done / seconds,
    refused: traffic.refused,
    write: stage.write,
    rows: verifications[0]?.rows ?? 0,
    agree: verifications.every(kit.isEqual),
    targets: reports,
    machine: machineOf(stage.busy, stage.engines.versions),
  }
}

async function reportOf(
  { engines, write }: Stage,
  { probes }: Load,
  kind: TargetKind,
  { target, rows, missing, surplus }: Verification,
  status: Status,
  queries: ReadonlyMap<TargetKind, Spread>,
): Promise<Omit<TargetReport, 'agrees'>> {
  const stored = status.targets.find((one) => one.target === target)
  return {
    target,
    rows: rows - missing + surplus,
    bytes: stored?.bytes,
    lag: spreadOf(probes.measured.get(kind) ?? []),
    write: stored?.fedBy === 'events' ? Math.max(0, write.withEvents - write.withoutEvents) : 0,
    refresh: await refreshCost(kind, status, engines),
    query: queries.get(kind) ?? spreadOf([]),
  }
}
