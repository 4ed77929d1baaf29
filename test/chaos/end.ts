// What has to be true once nobody writes and nothing is disturbed any more.
import type { TrifoldError } from '../../src/errors.ts'
import { until } from '../support/until.ts'
import { differenceOf } from './comparison.ts'
import type { Journal } from './journal.ts'
import type { Stand } from './stand.ts'

/** Longest time until everything is well again, in milliseconds. */
const recovery = 90_000
/** So often a target may need all of that time, if it goes on. */
const rounds = 4

/** Judges a stand after its schedule: rows, states, and what is left behind once the workers have stopped. */
export async function judgeEnd(stand: Stand, journal: Journal): Promise<void> {
  journal.note('healed; nobody writes')
  await judgeRows(stand, journal)
  await judgeEras(stand, journal)
  await judgeStatus(stand, journal)
  await judgeStop(stand, journal)
}

async function judgeRows(stand: Stand, journal: Journal): Promise<void> {
  if (journal.branches > 0) await untilNoticed(stand, journal)
  const token = await tokenOfNow(stand)
  await Promise.all(
    stand.targets.map(async (target) => {
      await untilShown(stand, target, token).catch((error: Error) => {
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

/** Reads after a commit, and waits on while the target goes on: one that has much to make up for may be slow. */
async function untilShown({ application }: Stand, target: string, token: string): Promise<void> {
  const [name, from] = target.split('@') as [string, 'table' | 'search' | 'view']
  let before = Number.POSITIVE_INFINITY
  for (let round = 1; ; round++) {
    try {
      await application.readModel(name).find({ from, limit: 1, after: token, timeout: recovery })
      return
    } catch (error) {
      const { windowsAhead = before } = ((error as TrifoldError).details ?? {}) as { windowsAhead?: number }
      if (round === rounds || windowsAhead >= before) throw error
      before = windowsAhead
    }
  }
}

/** What the workers did with a target, and said about it last. */
function lastWordsOn({ hands }: Stand, target: string): string {
  return hands
    .map(({ name, child: { observed } }) => {
      const lines = observed.text().split('\n')
      const pages = observed.of('page.applied').filter((page) => page.target === target)
      const events = pages.reduce((sum, page) => sum + page.events, 0)
      const took = pages.reduce((sum, page) => sum + page.ms, 0)
      const last = lines.filter((line) => line.includes(target)).slice(-6)
      return `\n  ${name} applied ${pages.length} pages with ${events} events in ${took} ms\n    ${last.join('\n    ')}`
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

/** Before a worker has begun the next era, tokens are of the era that was lost. */
async function untilNoticed({ application: { admin } }: Stand, journal: Journal): Promise<void> {
  const noticed = async () => (await admin.status()).feed.branched === undefined
  await until('the history is of one era', noticed, recovery).catch(() =>
    journal.found(`no worker has begun a new era within ${recovery / 1000} s although the history has branched`),
  )
}

/**
 * An era for each branch that was noticed before the next one, and no other: a new era refuses tokens, and rebuilds indexes,
 * for nothing.
 */
async function judgeEras(stand: Stand, journal: Journal): Promise<void> {
  const { rows } = await stand.query('select count(*)::integer - 1 as begun from trifold.history')
  const { begun } = rows[0] as { begun: number }
  const { branches } = journal
  if (begun > branches || (begun === 0 && branches > 0))
    journal.found(`history has branched ${branches} times, and ${begun} eras were begun: ${wordsOn(stand, 'era')}`)
}

const wordsOn = ({ hands }: Stand, word: string): string =>
  hands
    .flatMap(({ all }) => all.flatMap(({ observed }) => observed.text().split('\n')))
    .filter((line) => line.includes(word))
    .join('; ')

/** Parked events are forgotten first: their rows have just been compared. An operator whose last rebuild failed repeats it. */
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
    for (const { target, reason } of others)
      if (reason?.includes('its last rebuild failed')) await admin.rebuild(target)
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
