import { setTimeout as rest } from 'node:timers/promises'
import type { Random } from '../feed/random.ts'
import type { ChaosEngine } from './engine.ts'
import type { Journal } from './journal.ts'
import type { Stand } from './stand.ts'

/** What befalls a run. All that it draws, it draws ahead, so that the seed gives the same schedule on every machine. */
export interface Blow {
  /** In words, for the journal. */
  what: string
  /** What it takes hold of: of two blows to one thing the later one is left out. */
  hold: string
  /** Does it and puts it right again. */
  strike(stand: Stand, journal: Journal): Promise<void>
}

/** Draws one blow. */
type Draw = (random: Random) => Blow

const place = (random: Random): number => random.between(0, 1)
const nameOf = (at: number): string => `worker ${at + 1}`

const killWorker: Draw = (random) => {
  const [at, away] = [place(random), random.between(0, 3_000)]
  const hold = nameOf(at)
  return {
    what: `kill ${hold}, the next after ${away} ms`,
    hold,
    strike: ({ hands }) => hands[at]!.restart('kill', away),
  }
}

const stopWorker: Draw = (random) => {
  const [at, away] = [place(random), random.between(0, 1_000)]
  const hold = nameOf(at)
  return {
    what: `stop ${hold}, the next after ${away} ms`,
    hold,
    strike: ({ hands }) => hands[at]!.restart('stop', away),
  }
}

const freezeWorker: Draw = (random) => {
  const [at, away] = [place(random), random.between(300, 6_000)]
  const hold = nameOf(at)
  return { what: `freeze ${hold} for ${away} ms`, hold, strike: ({ hands }) => hands[at]!.freeze(away) }
}

const disturbWay: Draw = (random) => {
  const [at, time] = [random.between(0, 2), random.between(500, 5_000)]
  const engine = random.pick(['database', 'search', 'redis'] as const)
  const kind = random.pick(['cut', 'delay', 'swallow'] as const)
  const delay = random.between(20, 400)
  const who = at === 2 ? 'the application' : nameOf(at)
  const what = { cut: 'cut', swallow: `swallow answers for ${time} ms`, delay: `delay by ${delay} ms for ${time} ms` }[
    kind
  ]
  return {
    what: `${what} between ${who} and the ${engine}`,
    hold: `way ${at} ${engine}`,
    async strike({ ways }) {
      const relay = ways[at]!.relays[engine]
      if (kind === 'cut') return relay.cut()
      if (kind === 'swallow') relay.swallow()
      else relay.delay(delay)
      await rest(time)
      relay.heal()
    },
  }
}

const restartOf = (name: 'postgres' | 'openSearch' | 'redis', ends: Record<string, NodeJS.Signals>): Draw => {
  return (random) => {
    const [end, away] = [random.pick(Object.keys(ends)), random.between(0, 2_000)]
    return {
      what: `${end} ${name}, back after ${away} ms`,
      hold: name,
      strike: ({ engines }) => engines[name].restart(ends[end] as NodeJS.Signals, away),
    }
  }
}

const freezeOf = (name: 'openSearch' | 'redis'): Draw => {
  return (random) => {
    const time = random.between(500, 6_000)
    const freeze = (engine: ChaosEngine) => engine.freeze(time)
    return { what: `freeze ${name} for ${time} ms`, hold: name, strike: ({ engines }) => freeze(engines[name]) }
  }
}

const sessionsOfWorkers = `
  from pg_stat_activity
  where datname = current_database()
    and application_name like 'trifold%'`

const endSessions: Draw = (random) => {
  const share = random.pick([0.3, 1])
  return {
    what: `terminate ${share * 100} % of the sessions`,
    hold: 'sessions',
    strike: async (stand) => {
      await stand.query(`select pg_terminate_backend(pid) ${sessionsOfWorkers} and hashint4(pid) % 10 <= $1`, [
        share * 10,
      ])
    },
  }
}

/** The server ends all sessions then, and recovers. */
const killBackend: Draw = () => ({
  what: 'kill -9 a backend',
  hold: 'postgres',
  async strike(stand) {
    const { rows } = await stand.query(`select pid ${sessionsOfWorkers} order by random() limit 1`)
    if (rows[0]) process.kill(rows[0].pid, 'SIGKILL')
    await rest(1_000)
  },
})

const blockWrites: Draw = (random) => {
  const time = random.between(500, 5_000)
  const block = random.pick(['write', 'read_only_allow_delete'] as const)
  const set = ({ address }: Stand, to: true | null) =>
    fetch(`${address.search}/${address.indexPrefix}*/_settings`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ [`index.blocks.${block}`]: to }),
      signal: AbortSignal.timeout(20_000),
    })
  return {
    what: `block the indexes (${block}) for ${time} ms`,
    hold: 'openSearch',
    async strike(stand) {
      try {
        await set(stand, true)
        await rest(time)
      } finally {
        await set(stand, null)
      }
    },
  }
}

const flushRedis: Draw = () => ({
  what: 'flush redis',
  hold: 'redis',
  async strike({ engines }) {
    const { Redis } = await import('ioredis')
    const client = new Redis(engines.redis.url)
    client.on('error', () => {})
    await client.flushall().finally(() => client.disconnect())
  },
})

/** What befalls the engines and the workers, and how often it is drawn. */
export const blows: Readonly<Record<string, { weight: number; draw: Draw }>> = {
  kill: { weight: 4, draw: killWorker },
  stop: { weight: 2, draw: stopWorker },
  freeze: { weight: 4, draw: freezeWorker },
  way: { weight: 6, draw: disturbWay },
  sessions: { weight: 3, draw: endSessions },
  backend: { weight: 2, draw: killBackend },
  postgres: {
    weight: 2,
    draw: restartOf('postgres', { 'restart (fast)': 'SIGINT', 'restart (immediate)': 'SIGQUIT', 'kill -9': 'SIGKILL' }),
  },
  search: { weight: 1, draw: restartOf('openSearch', { restart: 'SIGTERM', 'kill -9': 'SIGKILL' }) },
  'search-frozen': { weight: 2, draw: freezeOf('openSearch') },
  blocked: { weight: 3, draw: blockWrites },
  redis: { weight: 1, draw: restartOf('redis', { restart: 'SIGTERM', 'kill -9': 'SIGKILL' }) },
  'redis-frozen': { weight: 1, draw: freezeOf('redis') },
  flush: { weight: 1, draw: flushRedis },
}
