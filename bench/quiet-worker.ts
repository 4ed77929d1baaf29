import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench } from './bench.ts'
import { backendSeconds, cpuSeconds } from './cpu.ts'
import type { BenchDatabase } from './database.ts'
import { figuresOfRounds, percentile } from './figure.ts'
import { prepare } from './freshness/prepare.ts'
import { measureLags, type Processes, probeOf, startProcesses } from './freshness/run.ts'
import type { OrderSetup } from './orders.ts'

const bench = 'quiet-worker'
const rate = 20

/** What a worker of one table uses of the processor while little happens, and nothing. */
export const quietWorker: Bench = {
  name: bench,
  title: `A worker at ${rate} events/s, and idle`,
  async run({ options, createDatabase, log }) {
    const database = await createDatabase('bench_quiet_worker')
    const setup: OrderSetup = { database: database.url, targets: { table: {} } }
    const events = rate * (options.seconds + 2)
    await prepare(database, setup, events * (options.rounds + 1))
    const processes = await startProcesses(setup, 'order_summary@table')
    try {
      const rounds: Round[] = []
      // In the first round the worker compiles itself: it is not counted.
      for (let round = 0; round <= options.rounds; round++) {
        const measured = await measure(database, processes, 1 + round * events, options.seconds)
        log(
          `${measured.event.toFixed(2)} ms of CPU an event, p50 ${measured.p50.toFixed(1)} ms, p99 ${measured.p99.toFixed(1)} ms; idle ${Math.round(measured.minute)} ms a minute`,
        )
        if (round > 0) rounds.push(measured)
      }
      return figuresOfRounds(bench, units, rounds)
    } finally {
      await processes.close()
    }
  },
}

/** Milliseconds of CPU of worker and backends, an event and an idle minute; milliseconds from commit to row. */
interface Round {
  event: number
  minute: number
  p50: number
  p99: number
}

async function measure(
  { pool }: BenchDatabase,
  { writer, worker }: Processes,
  from: number,
  seconds: number,
): Promise<Round> {
  const used = async () => ((await cpuSeconds(worker.pid)) + (await backendSeconds(pool))) * 1_000
  const before = await used()
  const lags = await measureLags(writer, from, { rate, seconds }, probeOf(worker))
  const busy = await used()
  await sleep(seconds * 1_000)
  const idle = (await used()) - busy
  return {
    event: (busy - before) / (rate * (seconds + 1)),
    minute: (idle / seconds) * 60,
    p50: percentile(lags, 0.5),
    p99: percentile(lags, 0.99),
  }
}

const units = {
  event: [`CPU of worker and backends an event, at ${rate} events/s`, 'ms', 2],
  minute: ['CPU of worker and backends a minute, idle', 'ms', 400],
  p50: [`p50 from commit to row, at ${rate} events/s`, 'ms', undefined],
  p99: [`p99 from commit to row, at ${rate} events/s`, 'ms', undefined],
} as const
