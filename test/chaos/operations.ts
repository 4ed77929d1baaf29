// What an operator does in the middle of everything. It may fail, in words: that is counted, and anything else is found.
import { isTrifoldError } from '../../src/errors.ts'
import type { Trifold } from '../../src/trifold.ts'
import type { Random } from '../feed/random.ts'
import type { Blow } from './blows.ts'
import type { Journal } from './journal.ts'

const models = ['plain_order', 'day_total', 'pictured_order'] as const
const fed = ['table', 'search'] as const
const all = [...fed, 'view'] as const

/** Longest time that an operation may take, in milliseconds. */
const longest = 40_000

type Operate = (admin: Trifold['admin'], signal: AbortSignal) => Promise<string | undefined>

/** Makes a blow of an operation. @param act returns what it found to be wrong */
const operation = (what: string, hold: string, act: Operate): Blow => ({
  what,
  hold,
  async strike({ application }, journal) {
    const signal = AbortSignal.timeout(longest)
    const began = performance.now()
    try {
      const wrong = await act(application.admin, signal)
      if (wrong) journal.found(`${what}: ${wrong}`)
      journal.count(`done: ${hold}`)
    } catch (error) {
      judge(journal, what, error as Error, signal)
    }
    const took = performance.now() - began
    if (took > 2 * longest) journal.found(`${what} took ${Math.round(took)} ms`)
  },
})

function judge(journal: Journal, what: string, error: Error, signal: AbortSignal): void {
  if (signal.aborted) journal.count('operations without an end in time')
  else if (isTrifoldError(error) && error.code !== 'UNEXPECTED') journal.count(`${what.split(' ')[0]}: ${error.code}`)
  else journal.found(`${what} failed: ${error.stack}`)
}

const rebuild = (random: Random): Blow => {
  const target = `${random.pick(models)}@${random.pick(all)}`
  return operation(`rebuild ${target}`, 'rebuild', async (admin, signal) => {
    await admin.rebuild(target, { signal })
    return undefined
  })
}

const verify = (random: Random): Blow => {
  const target = `${random.pick(models)}@${random.pick(all)}`
  return operation(`verify ${target}`, 'verify', async (admin, signal) => {
    const [{ missing, surplus, different, examples } = { missing: 0, surplus: 0, different: 0, examples: [] }] =
      await admin.verify(target, { signal })
    if (missing + surplus + different === 0) return undefined
    return `${missing} rows missing, ${surplus} surplus, ${different} different: ${examples.join(', ')}`
  })
}

const switching = (random: Random): Blow => {
  const [name, to] = [random.pick(models), random.pick(all)]
  return operation(`switch ${name} to ${to}`, 'switch', async (admin, signal) => {
    await admin.switch(name, { to }, { timeout: '20s', signal })
    return undefined
  })
}

const retry = (random: Random): Blow => {
  const place = random.between(0, 9)
  return operation('retry a parked event', 'retry', async (admin) => {
    const parked = await admin.parked()
    const event = parked[place % Math.max(1, parked.length)]
    if (event) await admin.retryParked(event.id)
    return undefined
  })
}

/** What an operator does, and how often it is drawn. */
export const operations = {
  rebuild: { weight: 4, draw: rebuild },
  verify: { weight: 4, draw: verify },
  switch: { weight: 2, draw: switching },
  retry: { weight: 2, draw: retry },
}
