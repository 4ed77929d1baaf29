import { setTimeout as pause } from 'node:timers/promises'
import type { TestDatabase } from '../support/database.ts'
import { Reopened } from './broken.ts'
import type { Design, FeedProcess } from './design.ts'
import { Random } from './random.ts'
import { Reader } from './reader.ts'
import { settle } from './setting.ts'
import { resetLog, Writer } from './writer.ts'

const writers = 8
const processes = 3
const readersPerProcess = 2
const aggregates = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']

/**
 * One burst: writers commit out of order, roll back, use savepoints, hold transactions and prepare them, while processes
 * tick and read with pages of all sizes and connections are ended under them. Afterwards everything is read to the end.
 *
 * @param seed what every actor does follows from it; who comes first is up to the machine
 * @returns what was wrong with any reader
 */
export async function burst(database: TestDatabase, design: Design, seed: number): Promise<string[]> {
  const random = new Random(seed)
  await resetLog(database.pool)
  const writing = new AbortController()
  const readers: Reader[] = []
  const running = Array.from({ length: processes }, (_, place) => {
    const own = Array.from(
      { length: readersPerProcess },
      (_, index) => new Reader(`process ${place + 1}, reader ${index + 1}`, design),
    )
    readers.push(...own)
    return runProcess(database, design, own, random.fork(), writing.signal)
  })
  const killing = kill(database, random.fork(), writing.signal)
  const ran = await Promise.allSettled(
    Array.from({ length: writers }, (_, place) => write(database, place, random.fork())),
  )
  writing.abort()
  const ended = await Promise.allSettled([...running, killing])
  const failed = [...ran, ...ended].flatMap((one) => (one.status === 'rejected' ? [`failed: ${one.reason}`] : []))
  return [...failed, ...(await settle(database, design, readers))]
}

async function runProcess(
  database: TestDatabase,
  design: Design,
  readers: Reader[],
  random: Random,
  signal: AbortSignal,
): Promise<void> {
  const process = new Reopened<FeedProcess>(() => design.open(database.url))
  const ticking = async (own: Random) => {
    while (!signal.aborted) {
      await process.attempt((one) => one.tick())
      await pause(own.between(0, 5))
    }
  }
  const reading = async (reader: Reader, own: Random) => {
    while (!signal.aborted) {
      const limit = own.pick([1, 2, 3, 7, 30, 1_000])
      const more = await process.attempt((one) => reader.next(one, limit, own.chance(0.1)))
      if (!more || own.chance(0.2)) await pause(own.between(0, 8))
    }
  }
  const loops = [ticking(random.fork()), ...readers.map((reader) => reading(reader, random.fork()))]
  const ended = await Promise.allSettled(loops)
  await process.close()
  for (const one of ended) if (one.status === 'rejected') throw one.reason
}

/** Ends some connection of a process, and now and then of a writer, every 60 milliseconds or so. */
async function kill(database: TestDatabase, random: Random, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(random.between(30, 90))
    await database.pool.query(
      `select pg_terminate_backend(pid)
      from pg_stat_activity
      where datname = current_database()
        and application_name like $1
      order by pid % $2
      limit 1`,
      [random.chance(0.8) ? 'trifold %' : 'writer', random.between(2, 7)],
    )
  }
}

async function write(database: TestDatabase, place: number, random: Random): Promise<void> {
  const writer = new Reopened(() => Writer.open(database.url))
  try {
    for (let left = random.between(5, 10); left > 0; left--) {
      const name = `burst_${database.name}_${place}_${left}`
      const isPrepared = random.chance(0.08)
      const end = isPrepared ? `prepare transaction '${name}'` : random.chance(0.15) ? 'rollback' : 'commit'
      await writer.attempt((one) => transaction(one, random, end))
      if (isPrepared) await endPrepared(database, name, random)
      await pause(random.between(0, 3))
    }
  } finally {
    await writer.close()
  }
}

/** Aggregates are locked in the order of their names, so that writers wait for each other and never in a circle. */
async function transaction(writer: Writer, random: Random, end: string): Promise<void> {
  const names = aggregates.filter(() => random.chance(0.2))
  await writer.run('begin')
  if (random.chance(0.3)) await writer.takeId()
  if (random.chance(0.3)) await pause(random.between(0, 10))
  for (const name of names) {
    const nested = random.chance(0.2)
    if (nested) await writer.run('savepoint nested')
    await writer.append(name)
    if (nested) await writer.run(random.chance(0.5) ? 'rollback to nested' : 'release nested')
    if (random.chance(0.3)) await pause(random.between(0, 3))
  }
  if (random.chance(0.12)) await pause(random.between(20, 100))
  await writer.run(end)
}

/** The transaction may not be there: its connection may have been ended before it was prepared. */
async function endPrepared(database: TestDatabase, name: string, random: Random): Promise<void> {
  await pause(random.between(0, 40))
  await database.pool.query(`${random.chance(0.7) ? 'commit' : 'rollback'} prepared '${name}'`).catch((error) => {
    if (error.code !== '42704') throw error
  })
}
