import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench } from './bench.ts'
import { type Child, startChild } from './child.ts'
import type { BenchDatabase } from './database.ts'
import { figuresOfRounds, percentile } from './figure.ts'
import { measureLags, probeOf } from './freshness/run.ts'
import type { WriterArguments } from './freshness/writer-process.ts'
import { writeDefinitions } from './many-targets/config.ts'
import type { ManyAnswer, ManyArguments } from './many-targets/worker-process.ts'
import { createOrders, settle } from './orders.ts'

const bench = 'many-targets'
const count = 200
const rate = 100

/** One worker that keeps many tables: its connections, its memory, and how late the last of the tables is. */
export const manyTargets: Bench = {
  name: bench,
  title: `${count} tables in one worker, at ${rate} events/s`,
  async run({ options, createDatabase, log }) {
    const database = await createDatabase('bench_many_targets')
    const events = rate * (options.seconds + 2)
    await createOrders(database.pool, database.url, events * (options.rounds + 1))
    await settle(database.pool)
    const views = await writeDefinitions(count)
    const args: ManyArguments = { database: database.url, views, count }
    const worker = startChild(new URL('./many-targets/worker-process.js', import.meta.url), args)
    const writing: WriterArguments = { database: database.url }
    const writer = startChild(new URL('./freshness/writer-process.js', import.meta.url), writing)
    try {
      const building = await untilLeased(database, worker)
      log(`built, with ${building} connections at most`)
      const rounds: Round[] = []
      // In the first round the worker compiles itself: it is not counted.
      for (let round = 0; round <= options.rounds; round++) {
        const lags = await measureLags(writer, 1 + round * events, { rate, seconds: options.seconds }, probeOf(worker))
        const { memory } = await worker.ask<ManyAnswer>({})
        const connections = Math.max(building, await connectionsOf(database))
        const measured = {
          connections,
          memory: memory / 2 ** 20,
          p50: percentile(lags, 0.5),
          p99: percentile(lags, 0.99),
        }
        log(`${Math.round(measured.memory)} MiB, p50 ${measured.p50.toFixed(0)} ms, p99 ${measured.p99.toFixed(0)} ms`)
        if (round > 0) rounds.push(measured)
      }
      return figuresOfRounds(bench, units, rounds)
    } finally {
      await writer.close()
      await worker.close()
      await rm(views, { recursive: true })
    }
  },
}

/** Milliseconds from a commit to the row in the last table. */
interface Round {
  connections: number
  memory: number
  p50: number
  p99: number
}

/** @returns the most connections meanwhile */
async function untilLeased(database: BenchDatabase, worker: Child): Promise<number> {
  for (let most = 0; ; await sleep(50)) {
    most = Math.max(most, await connectionsOf(database))
    if ((await worker.ask<ManyAnswer>({})).leased === count) return most
  }
}

async function connectionsOf({ pool }: BenchDatabase): Promise<number> {
  const { rows } = await pool.query(
    `select count(*)::integer as connections
    from pg_stat_activity
    where datname = current_database() and application_name like 'trifold %'`,
  )
  return rows[0].connections
}

const units = {
  connections: [`connections of a worker with ${count} tables, also while it builds them`, '', 12],
  memory: [`memory of a worker with ${count} tables`, 'MiB', 300],
  p50: [`p50 from commit to the last of ${count} rows, at ${rate} events/s`, 'ms', undefined],
  p99: [`p99 from commit to the last of ${count} rows, at ${rate} events/s`, 'ms', 1_000],
} as const
