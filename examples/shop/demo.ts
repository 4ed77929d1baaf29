import { openTrifold, type Toolkit, type TrifoldConfig } from 'trifold'
import { type Engines, openEngines } from './demo/engines.ts'
import { showLive, type Watched } from './demo/live-view.ts'
import { spreadOf } from './demo/percentile.ts'
import { Probes, readBack, type TargetKind } from './demo/probes.ts'
import { measureQueryCost } from './demo/query-cost.ts'
import { refreshCost } from './demo/refresh-cost.ts'
import { busyNow, type DemoReport, machineOf, showReport, type TargetReport } from './demo/report.ts'
import { type Console, type DemoKit, type DemoOptions, type Run, withRun } from './demo/run.ts'
import { type ShopIds, seedShop } from './demo/seed.ts'
import { type Step, Traffic } from './demo/traffic.ts'
import { startWorkerProcess, whenFilled } from './demo/worker-process.ts'
import { measureWriteCost, type WriteCost } from './demo/write-cost.ts'
import { createRandom, type Random } from './random.ts'
import { openShop, type Shop } from './shop.ts'

/** Everything that is open while the demo runs. */
interface Stage {
  /** The machine's load before the demo. */
  busy: number
  engines: Engines
  shop: Shop
  ids: ShopIds
  random: Random
  write: WriteCost
  toolkit: Toolkit
  targets: TargetKind[]
}

/**
 * Runs the shop on engines of its own: fills the three targets, places and moves orders while it shows what they
 * reflect, and ends with what each costs. Everything that was started ends with it.
 */
export function runDemo(kit: DemoKit, console: Console, options: DemoOptions): Promise<void> {
  return withRun(kit, console, options, async (run) => {
    const stage = await setUp(run)
    await showNewOrder(run, stage)
    const load = await runLoad(run, stage)
    const report = await measure(run, stage, load)
    showReport(run, report)
    if (!report.agree) console.exitCode = 1
  })
}

async function setUp(run: Run): Promise<Stage> {
  const { say, options, signal, kit } = run
  const busy = busyNow()
  say('One read model, order_summary, in three targets. Every figure below is measured now, on this machine.\n')
  const engines = await openEngines(run)
  const { report, ids } = await seedShop(engines.databaseUrl, options.orders)
  const shown = [report.orders, report.lines, report.customers, report.products].map((count) => kit.inThousands(count))
  say(
    `A shop with ${shown[0]} orders of ${shown[1]} lines, ${shown[2]} customers and ${shown[3]} products, on ${engines.versions}.`,
  )
  const shop = await openShop(engines.databaseUrl)
  run.atEnd(() => shop.close())
  const random = createRandom(1)
  const write = await measureWriteCost(shop, ids, random, signal)
  const { toolkit, targets } = await openTargets(run, engines)
  say('\nFilling the targets from the definition, each at one snapshot:')
  startWorkerProcess(run, engines)
  await whenFilled(run, toolkit)
  return { busy, engines, shop, ids, random, write, toolkit, targets }
}

async function openTargets(run: Run, engines: Engines): Promise<{ toolkit: Toolkit; targets: TargetKind[] }> {
  if (engines.searchUrl) process.env.OPENSEARCH_URL = engines.searchUrl
  else delete process.env.OPENSEARCH_URL
  process.env.TRIFOLD_DEMO_PREFIX = engines.indexPrefix
  const { default: config } = await import('./demo/trifold.config.ts')
  const addresses = { database: engines.databaseUrl, search: engines.searchUrl }
  const toolkit = await openTrifold({ ...config, ...addresses } as unknown as TrifoldConfig)
  run.atEnd(() => toolkit.close())
  const targets = [...toolkit.targets.keys()].map((name) => name.split('@')[1] as TargetKind)
  return { toolkit, targets }
}

const readerOf = (toolkit: Toolkit) => toolkit.readModel<string>('order_summary')

async function showNewOrder({ say, kit }: Run, { shop, ids, random, toolkit, targets }: Stage): Promise<void> {
  const started = performance.now()
  const lines = [{ productId: random.pick(ids.products), quantity: 2 }]
  const { id, commit } = await shop.placeOrder({ customerId: random.pick(ids.customers), lines })
  const committedAt = performance.now()
  say(
    `\nA new order, placed through the ORM in ${kit.inSeconds(committedAt - started)} and read back with its commit token:`,
  )
  const step: Step = { what: 'placed', orderId: id, commit, committedAt }
  await Promise.all(
    targets.map(async (target) => {
      const { milliseconds, row } = await readBack(readerOf(toolkit), target, step)
      const found = row
        ? `${row.number}, ${row.status_label}, ${(Number(row.total_cents) / 100).toFixed(2)}`
        : 'MISSING'
      say(`  order_summary@${target.padEnd(6)}  after ${kit.inSeconds(milliseconds).padStart(7)}  ${found}`)
    }),
  )
}

interface Load {
  seconds: number
  traffic: Traffic
  probes: Probes
}

const probeEvery = 250

/** Orders move and the live view shows them, until the time is over or, with `--watch`, until Ctrl-C. */
async function runLoad(run: Run, stage: Stage): Promise<Load> {
  const { options, say } = run
  const signal = run.whileLoading(options.watch ? undefined : options.seconds * 1_000)
  const traffic = new Traffic(stage.shop, stage.ids, stage.random)
  const probes = new Probes(readerOf(stage.toolkit), stage.targets, probeEvery)
  say(`\nPlacing and moving orders, ${options.rate} commands a second${options.watch ? ', until Ctrl-C' : ''}:`)
  const watched: Watched = { toolkit: stage.toolkit, targets: stage.targets, traffic, probes }
  const started = performance.now()
  let last: Step | undefined
  const onStep = (step: Step) => {
    last = step
    probes.offer(step)
  }
  await Promise.all([traffic.run({ rate: options.rate, signal, onStep }), showLive(run, watched, signal)])
  const seconds = (performance.now() - started) / 1_000
  run.signal.throwIfAborted()
  await probes.settle()
  if (last) for (const target of stage.targets) await readBack(readerOf(stage.toolkit), target, last)
  return { seconds, traffic, probes }
}

async function measure(run: Run, stage: Stage, { seconds, traffic, probes }: Load): Promise<DemoReport> {
  const { kit, signal } = run
  const { toolkit, targets, write, engines, ids, random } = stage
  const queries = await measureQueryCost(readerOf(toolkit), targets, ids.customers, random, signal)
  const agreements = await kit.agree(toolkit, 'order_summary')
  const status = await kit.status(toolkit)
  const reports: TargetReport[] = []
  for (const [place, kind] of targets.entries()) {
    const agreement = agreements[place] as (typeof agreements)[number]
    const { target, missing, surplus } = agreement
    const stored = status.targets.find((one) => one.target === target)
    reports.push({
      target,
      rows: agreement.rows - missing + surplus,
      bytes: stored?.bytes,
      lag: spreadOf(probes.measured.get(kind) ?? []),
      write: stored?.fedBy === 'events' ? Math.max(0, write.withEvents - write.withoutEvents) : 0,
      refresh: await refreshCost(kind, status, engines),
      query: queries.get(kind) ?? spreadOf([]),
      agrees: kit.agrees(agreement),
    })
  }
  return {
    seconds,
    commands: traffic.done,
    rate: traffic.done / seconds,
    refused: traffic.refused,
    write,
    rows: agreements[0]?.rows ?? 0,
    agree: agreements.every(kit.agrees),
    targets: reports,
    machine: machineOf(stage.busy, engines.versions),
  }
}
