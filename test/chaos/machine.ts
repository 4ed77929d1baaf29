// What befalls the machines under a run: their clocks, their disks, and a primary that is lost with the end of its log.
import { setTimeout as rest } from 'node:timers/promises'
import type { Random } from '../feed/random.ts'
import type { Blow } from './blows.ts'

const hour = 3_600_000

const setClock = (random: Random): Blow => {
  const [at, time] = [random.between(0, 1), random.between(1_000, 8_000)]
  const by = random.pick([-1, 1])
  const hold = `clock of worker ${at + 1}`
  return {
    what: `set the ${hold} ${by < 0 ? 'back' : 'forward'} by an hour for ${time} ms`,
    hold,
    async strike({ hands }) {
      const { child } = hands[at]!
      child.setClock(by * hour)
      await rest(time)
      child.setClock(0)
    },
  }
}

const fillDatabase = (random: Random): Blow => {
  const time = random.between(1_000, 5_000)
  return {
    what: `fill the disk of postgres for ${time} ms`,
    hold: 'postgres',
    async strike({ engines: { disk, postgres } }, journal) {
      if (!disk) return journal.note('left out: a disk can only be filled by who may mount one')
      await disk.fill()
      await rest(time)
      await disk.empty()
      await postgres.revive() // without room for its log it ends
    },
  }
}

/** What OpenSearch does by itself once its disk is full, and takes back. */
const fillSearch = (random: Random): Blow => {
  const time = random.between(1_000, 6_000)
  return {
    what: `fill the disk of openSearch for ${time} ms`,
    hold: 'openSearch',
    async strike({ address: { search, indexPrefix } }) {
      const put = (path: string, settings: object) =>
        fetch(`${search}/${path}`, {
          method: 'PUT',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(settings),
          signal: AbortSignal.timeout(20_000),
        })
      const set = async (to: true | null) => {
        await put('_cluster/settings', { persistent: { 'cluster.blocks.create_index': to } })
        await put(`${indexPrefix}*/_settings`, { 'index.blocks.read_only_allow_delete': to })
      }
      try {
        await set(true)
        await rest(time)
      } finally {
        await set(null)
      }
    },
  }
}

/** The standby that takes over has not got what was committed for some time before: the data of then, on the next timeline. */
const failOver = (random: Random): Blow => {
  const time = random.between(500, 4_000)
  return {
    what: `fail postgres over, and lose its last ${time} ms`,
    hold: 'postgres',
    async strike({ engines: { postgres, standby } }, journal) {
      await postgres.ended('SIGINT', () => standby.copy())
      await rest(time)
      journal.branches += 1
      await postgres.ended('SIGQUIT', () => standby.takeOver())
    },
  }
}

/** What befalls machines, and how often it is drawn. */
export const machine = {
  clock: { weight: 3, draw: setClock },
  'database-full': { weight: 2, draw: fillDatabase },
  'search-full': { weight: 2, draw: fillSearch },
  failover: { weight: 1, draw: failOver },
}
