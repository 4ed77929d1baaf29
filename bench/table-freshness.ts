import type { Bench, BenchContext } from './bench.ts'
import { backendSeconds, cpuSeconds } from './cpu.ts'
import type { BenchDatabase } from './database.ts'
import { type Figure, figureOf, type Goal, percentile } from './figure.ts'
import { type Disturbance, holding, none, refreshing, selecting } from './freshness/disturbance.ts'
import { prepare } from './freshness/prepare.ts'
import { measureLags, type Processes, probeOf, startProcesses } from './freshness/run.ts'
import type { OrderSetup } from './orders.ts'

const bench = 'table-freshness'
const rate = 1_000

/** With those that warm up. */
const eventsOfRun = (seconds: number): number => rate * (seconds + 2)

/** A run with something that goes on beside it, against another one. */
interface Scenario {
  name: string
  run: Disturbance
  control?: string
}

/** How long after its commit an event is in the table, undisturbed and beside what is known to hold feeds up. */
export const tableFreshness: Bench = {
  name: bench,
  title: 'From the commit of an event to the commit of its row, at 1,000 events/s',
  async run(context) {
    const database = await context.createDatabase('bench_table_freshness')
    const setup: OrderSetup = { database: database.url, targets: { table: {}, view: { every: '1h' } } }
    const orders = Math.max(context.options.events, eventsOfRun(context.options.seconds))
    context.log(`building table and view with ${orders} orders`)
    await prepare(database, setup, orders)
    const scenarios: Scenario[] = [
      { name: 'undisturbed', run: none },
      { name: 'a SELECT beside it', run: selecting(database.url) },
      { name: 'a REFRESH CONCURRENTLY beside it', run: refreshing(setup), control: 'a SELECT beside it' },
      { name: 'a transaction held open', run: holding(database.url), control: 'undisturbed' },
    ]
    const processes = await startProcesses(setup, 'order_summary@table')
    try {
      return figuresOf(scenarios, await measureAll(context, database, processes, scenarios, orders))
    } finally {
      await processes.close()
    }
  },
}

interface Run {
  p50: number
  p99: number
  /** Share of one core. */
  worker: number
  backends: number
}

async function measureAll(
  context: BenchContext,
  database: BenchDatabase,
  processes: Processes,
  scenarios: Scenario[],
  orders: number,
): Promise<Map<string, Run[]>> {
  const { options, log } = context
  const runs = new Map<string, Run[]>(scenarios.map(({ name }) => [name, []]))
  let from = 1
  for (let round = 0; round < options.rounds; round++) {
    for (const { name, run } of scenarios) {
      const events = eventsOfRun(options.seconds)
      if (from + events > orders) from = 1 // an order is paid again after all others
      const measured = await measureOne(database, processes, from, options.seconds, run)
      from += events
      log(`${name}: p50 ${measured.p50.toFixed(1)} ms, p99 ${measured.p99.toFixed(1)} ms`)
      runs.get(name)?.push(measured)
    }
  }
  return runs
}

async function measureOne(
  { pool }: BenchDatabase,
  { writer, worker }: Processes,
  from: number,
  seconds: number,
  disturb: Disturbance,
): Promise<Run> {
  const ended = new AbortController()
  const disturbing = disturb(ended.signal)
  disturbing.catch(() => {}) // it is awaited at the end
  const [began, used, usedBackends] = [performance.now(), await cpuSeconds(worker.pid), await backendSeconds(pool)]
  try {
    const lags = await measureLags(writer, from, { rate, seconds }, probeOf(worker))
    const share = (spent: number) => (spent / (performance.now() - began)) * 1000
    return {
      p50: percentile(lags, 0.5),
      p99: percentile(lags, 0.99),
      worker: share((await cpuSeconds(worker.pid)) - used),
      backends: share((await backendSeconds(pool)) - usedBackends),
    }
  } finally {
    ended.abort()
    await disturbing
  }
}

function figuresOf(scenarios: Scenario[], runs: Map<string, Run[]>): Figure[] {
  const rounds = (name: string, of: keyof Run) => (runs.get(name) as Run[]).map((run) => run[of])
  const limits = { p50: 3, p99: 15 }
  const lags = scenarios.flatMap(({ name, control }) =>
    (['p50', 'p99'] as const).map((of) => {
      const goal: Goal = control ? { of: 'ratio', atMost: 1.3 } : { of: 'value', atMost: limits[of] }
      return figureOf({
        bench,
        name: `${of}, ${name}`,
        unit: 'ms',
        rounds: rounds(name, of),
        ...(control && { control: { name: control, rounds: rounds(control, of) } }),
        ...(name !== 'a SELECT beside it' && { goal }),
      })
    }),
  )
  const shares = (['worker', 'backends'] as const).map((of) =>
    figureOf({ bench, name: `CPU, undisturbed: ${of}`, unit: 'cores', rounds: rounds('undisturbed', of) }),
  )
  return [...lags, ...shares]
}
