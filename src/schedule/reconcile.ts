import { shownTiming } from '../timing.ts'
import type { DatabaseClock } from './clock.ts'
import type { JobQueue, QueuedJob } from './queue.ts'
import type { ScheduleRow } from './rows.ts'
import { addRefresh, arm, tickJob, tolerance } from './tick.ts'

/**
 * Makes the queue what the table says: the ticks of targets whose row is gone, paused or changed are removed, and targets
 * without a tick (a flushed Redis, a deleted job) are armed. A tick that waits for another time than the database's clock
 * says, because the machine's clock was set meanwhile, is armed again; one that should have come is made up for.
 *
 * @param own the targets that this process runs; it arms no others
 */
export async function reconcileQueue(
  queue: JobQueue,
  rows: readonly ScheduleRow[],
  own: ReadonlySet<string>,
  clock: DatabaseClock,
): Promise<void> {
  const active = new Map(rows.filter((row) => !row.paused && !row.problem).map((row) => [row.target, row]))
  const waiting = ticksOf(await queue.getJobs(['delayed']))
  const taken = ticksOf(await queue.getJobs(['waiting', 'active'])) // read later: a tick moves from there to here
  for (const tick of waiting) if (!active.has(tick.data.target)) await removeUnlessTaken(tick)
  for (const target of own) {
    const row = active.get(target)
    const isOwn = (tick: QueuedJob) => tick.data.target === target
    if (row) await putRight(queue, row, waiting.filter(isOwn), taken.some(isOwn), clock)
    await freeDeduplication(queue, target)
  }
}

const ticksOf = (jobs: readonly (QueuedJob | undefined)[]): QueuedJob[] =>
  jobs.filter((job) => job !== undefined).filter((job) => job.name === tickJob)

async function putRight(
  queue: JobQueue,
  row: ScheduleRow,
  waiting: readonly QueuedJob[],
  isTaken: boolean,
  clock: DatabaseClock,
): Promise<void> {
  const now = clock.now()
  const kept = waiting.find((tick) => isAsWanted(tick, row, now))
  let isArmed = isTaken || kept !== undefined // a tick that is taken arms the next
  for (const tick of waiting) if (tick !== kept && !(await removeUnlessTaken(tick))) isArmed = true
  if (isArmed) return
  const late = waiting.find((tick) => isLate(tick, row, now))
  if (late) await addRefresh(queue, row.target, late.data.due ?? now)
  await arm(queue, row, clock, now)
}

/** False if a process has taken the tick meanwhile. */
async function removeUnlessTaken(tick: QueuedJob): Promise<boolean> {
  try {
    await tick.remove()
    return true
  } catch (error) {
    if ((await tick.getState()) === 'delayed') throw error
    return false
  }
}

/** Whether a tick waits for its row, and for as long as it should. */
function isAsWanted({ data, timestamp, delay }: QueuedJob, { timing }: ScheduleRow, now: number): boolean {
  const { due = 0 } = data
  const wait = timestamp + delay - Date.now() // as the queue counts it, by the clock of the machine
  return data.timing === shownTiming(timing) && Math.abs(wait - (due - now)) < tolerance && due - now > -tolerance
}

const isLate = ({ data: { due = 0, timing } }: QueuedJob, row: ScheduleRow, now: number): boolean =>
  timing === shownTiming(row.timing) && due <= now

/** A refresh job that was deleted by hand leaves its deduplication behind, which would keep every later one out. */
async function freeDeduplication(queue: JobQueue, target: string): Promise<void> {
  const holder = await queue.getDeduplicationJobId(target)
  if (!holder || (await isPending(queue, holder))) return
  if ((await queue.getDeduplicationJobId(target)) === holder) await queue.removeDeduplicationKey(target)
}

async function isPending(queue: JobQueue, id: string): Promise<boolean> {
  const state = await (await queue.getJob(id))?.getState()
  return state !== undefined && !['completed', 'failed', 'unknown'].includes(state)
}
