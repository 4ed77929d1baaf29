import { setTimeout as rest } from 'node:timers/promises'
import { judgeEnd } from './end.ts'
import type { Engines } from './engines.ts'
import { Journal } from './journal.ts'
import { heal, strikeAll, underLoad } from './run-schedule.ts'
import { scheduleOf } from './schedule.ts'
import { slopeOf } from './slope.ts'
import { Stand } from './stand.ts'

/** What one look saw: minutes since the beginning, megabytes of heap and of the whole process, sessions. */
interface Sample {
  minutes: number
  heap: number
  resident: number
  sessions: number
}

/** Growth of the heap that is a finding, in megabytes an hour, if the whole growth is larger than the noise of one look. */
const steepest = 20
const noise = 6

/** Disturbances from which processes have to recover without leaving anything: nobody is killed. */
const only = ['way', 'sessions', 'blocked', 'flush', 'verify', 'rebuild', 'switch']

/** Runs for a while under small disturbances and looks at memory and sessions meanwhile. Never throws. */
export async function soak(
  engines: Engines,
  { seed, milliseconds, say }: { seed: number; milliseconds: number; say: (line: string) => void },
): Promise<Journal> {
  const journal = new Journal(say)
  try {
    const stand = await Stand.open(engines, journal, {})
    try {
      const samples: Sample[][] = stand.hands.map(() => [])
      const looking = new AbortController()
      await underLoad(stand, { seed }, journal, async () => {
        const looks = keepLooking(stand, samples, journal, looking.signal, milliseconds / 60)
        await strikeAll(stand, sparse(scheduleOf(seed, milliseconds / 4, only), 4), journal)
        looking.abort()
        await looks
      })
      judgeSamples(stand, samples, journal)
      await judgeEnd(stand, journal)
    } finally {
      await heal(stand)
      await stand.close()
    }
  } catch (error) {
    journal.found(`the soak itself failed: ${(error as Error).stack}`)
  }
  return journal
}

const sparse = (schedule: ReturnType<typeof scheduleOf>, times: number) =>
  schedule.map(({ at, blow }) => ({ at: at * times, blow }))

async function keepLooking(
  stand: Stand,
  samples: Sample[][],
  journal: Journal,
  signal: AbortSignal,
  every: number,
): Promise<void> {
  const began = performance.now()
  while (!signal.aborted) {
    const sessions = await countSessions(stand).catch(() => undefined)
    for (const [at, { child, name }] of stand.hands.entries()) {
      child.observed.forget()
      const memory = await Promise.race([child.memory(), rest(5_000, undefined)])
      if (!memory || sessions === undefined) continue
      const [heap, resident] = [memory.heapUsed, memory.rss].map((bytes) => bytes / 2 ** 20) as [number, number]
      samples[at]?.push({ minutes: (performance.now() - began) / 60_000, heap, resident, sessions })
      journal.note(`${name}: heap ${heap.toFixed(1)} MB, resident ${resident.toFixed(0)} MB; ${sessions} sessions`)
    }
    await rest(every, undefined, { signal }).catch(() => {})
  }
}

async function countSessions(stand: Stand): Promise<number> {
  const { rows } = await stand.query(
    `select count(*)::integer as sessions
    from pg_stat_activity
    where datname = current_database() and application_name like 'trifold%'`,
  )
  return rows[0].sessions
}

/** Both grow at first, while pools fill and code is compiled: the second half has to be flat. */
function judgeSamples({ hands }: Stand, samples: Sample[][], journal: Journal): void {
  for (const [at, { name }] of hands.entries()) {
    const half = samples[at]?.slice(Math.floor((samples[at]?.length ?? 0) / 2)) ?? []
    if (half.length < 5) {
      journal.found(`${name} was measured ${half.length} times in the second half: that says nothing`)
      continue
    }
    const [heap, resident, sessions] = (['heap', 'resident', 'sessions'] as const).map((what) =>
      slopeOf(half.map((sample) => [sample.minutes / 60, sample[what]])),
    ) as [number, number, number]
    const hours = ((half.at(-1)?.minutes ?? 0) - (half[0]?.minutes ?? 0)) / 60
    const said = `${name}: heap ${heap.toFixed(1)} MB an hour, resident ${resident.toFixed(1)} MB an hour, sessions ${sessions.toFixed(1)} an hour, over ${(hours * 60).toFixed(0)} minutes`
    if (heap > steepest && heap * hours > noise) journal.found(`memory grows: ${said}`)
    else if (sessions * hours > 5) journal.found(`sessions grow: ${said}`)
    else journal.note(said)
  }
}
