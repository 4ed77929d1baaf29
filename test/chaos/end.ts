// What has to be true once nobody writes and nothing is disturbed any more.
import type { TrifoldError } from '../../src/errors.ts'
import { until } from '../support/until.ts'
import { differenceOf } from './comparison.ts'
import type { Journal } from './journal.ts'
import type { Stand } from './stand.ts'

/** Longest time until everything is well again, in milliseconds. */
const recovery = 90_000

/** Judges a stand after its schedule: rows, states, and what is left behind once the workers have stopped. */
export async function judgeEnd(stand: Stand, journal: Journal): Promise<void> {
  journal.note('healed; nobody writes')
  await judgeRows(stand, journal)
  judgeEras(stand, journal)
  await judgeStatus(stand, journal)
  await judgeStop(stand, journal)
}

async function judgeRows(stand: Stand, journal: Journal): Promise<void> {
  const token = await tokenOfNow(stand)
  await Promise.all(
    stand.targets.map(async (target) => {
      const [name, from] = target.split('@') as [string, 'table' | 'search' | 'view']
      const read = stand.application.readModel(name).find({ from, limit: 1, after: token, timeout: recovery })
      await read.catch((error: Error) => {
        const { failure } = (error as Partial<TrifoldError>).details ?? {}
        const why = failure ? `${error.message} (${JSON.stringify(failure)})` : error.message
        journal.found(`${target} does not come up to date: ${why}${lastWordsOn(stand, target)}`)
      })
    }),
  )
  for (const target of stand.targets) {
    const difference = await differenceOf(target, stand.address as Required<Stand['address']>)
    if (difference) journal.found(`${target} is not equal to its definition: ${difference}`)
    else journal.count('equal targets')
  }
}

/** What the workers said about a target last. */
function lastWordsOn({ hands }: Stand, target: string): string {
  return hands
    .map(({ name, child }) => {
      const lines = child.observed.text().split('\n')
      return `\n  ${name}: ${lines
        .filter((line) => line.includes(target))
        .slice(-6)
        .join('\n    ')}`
    })
    .join('')
}

const tokenOfNow = (stand: Stand): Promise<string> =>
  stand.inSession(async (client) => {
    await client.query('begin')
    await client.query('select pg_current_xact_id()')
    const token = await stand.application.token(client)
    await client.query('commit')
    return token
  })

/** No blow makes history branch: a new era refuses tokens, and rebuilds indexes, for nothing. */
function judgeEras({ hands }: Stand, journal: Journal): void {
  for (const { name, all } of hands)
    for (const { observed } of all)
      for (const began of observed.of('era.began')) journal.found(`${name} began a new era: ${JSON.stringify(began)}`)
}

/** Parked events are forgotten first: their rows have just been compared. */
async function judgeStatus({ application: { admin } }: Stand, journal: Journal): Promise<void> {
  let seen = ''
  const green = async () => {
    for (const { id } of await admin.parked()) {
      await admin.discardParked(id)
      journal.count('parked')
    }
    const { verdict, targets } = await admin.status()
    const others = targets.filter((target) => target.verdict !== 'green')
    seen = others.map(({ target, verdict, reason }) => `${target} is ${verdict}: ${reason}`).join('; ')
    return verdict === 'green'
  }
  await until('green', green, recovery).then(
    () => journal.note('status is green'),
    (error: Error) => journal.found(`status is not green after ${recovery / 1000} s: ${seen || error.message}`),
  )
}

async function judgeStop(stand: Stand, journal: Journal): Promise<void> {
  for (const hand of stand.hands) {
    if (hand.endedByItself) journal.found(`${hand.name} ended by itself: ${hand.child.told().slice(-2_000)}`)
    else if (!(await hand.stop())) journal.found(`${hand.name} does not stop: ${hand.child.told().slice(-2_000)}`)
  }
  await stand.leave()
  let left: string[] = []
  const gone = async () => {
    const { rows } = await stand.query(
      `select application_name || ': ' || left(query, 100) as session
      from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`,
    )
    left = rows.map(({ session }) => session)
    return left.length === 0
  }
  await until('no session is left', gone, 20_000).catch(() => journal.found(`sessions are left: ${left.join('; ')}`))
}
