import type { EventRegistry } from '../../outbox.ts'
import type { Action, History } from './history.ts'

/** A history that fails, and what it throws. */
export interface Failing<Events extends EventRegistry, Tx> {
  history: History<Events, Tx>
  error: unknown
}

/**
 * Looks for a shorter history that fails too: leaves out ever smaller parts, has one writer do it all, commits at once, and
 * puts pages in the place of crashes. Each try plays a history, so that fewer and larger steps are tried first (after Zeller's
 * and Hildebrandt's delta debugging, 2002).
 *
 * @param play gives what a history fails with, or undefined if it passes
 * @param end the time (Date.now) from which on nothing more is tried
 */
export async function shorten<Events extends EventRegistry, Tx>(
  failing: Failing<Events, Tx>,
  play: (history: History<Events, Tx>) => Promise<unknown>,
  end: number,
): Promise<Failing<Events, Tx>> {
  let shortest = failing
  const attempt = async (history: History<Events, Tx>): Promise<boolean> => {
    if (Date.now() > end) return false
    const error = await play(history)
    if (error === undefined || codeOf(error) !== codeOf(failing.error)) return false
    shortest = { history, error }
    return true
  }
  for (let size = Math.ceil(failing.history.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    await leaveOut(() => shortest.history, size, attempt)
  }
  await attempt(withWriters(shortest.history, () => 0))
  for (const place of shortest.history.keys()) {
    for (const simpler of simplerActions(shortest.history[place])) {
      if (await attempt(shortest.history.with(place, simpler))) break
    }
  }
  for (let length = Number.POSITIVE_INFINITY; shortest.history.length < length; ) {
    length = shortest.history.length
    await leaveOut(() => shortest.history, 1, attempt)
  }
  return { ...shortest, history: inOrderOfWriters(shortest.history) }
}

/** Writers are named in the order in which they come, which changes nothing. */
function inOrderOfWriters<Events extends EventRegistry, Tx>(history: History<Events, Tx>): History<Events, Tx> {
  const known: number[] = []
  return withWriters(history, (writer) => {
    if (!known.includes(writer)) known.push(writer)
    return known.indexOf(writer)
  })
}

const withWriters = <Events extends EventRegistry, Tx>(
  history: History<Events, Tx>,
  rename: (writer: number) => number,
): History<Events, Tx> =>
  history.map((action) => ('writer' in action ? { ...action, writer: rename(action.writer) } : action))

/** Tries the history without each part of so many actions, from its end: what comes late is needed least. */
async function leaveOut<Events extends EventRegistry, Tx>(
  current: () => History<Events, Tx>,
  size: number,
  attempt: (history: History<Events, Tx>) => Promise<boolean>,
): Promise<void> {
  for (let start = current().length - size; start > -size; start -= size) {
    await attempt(current().filter((_, place) => place < start || place >= start + size))
  }
}

/** What could replace an action, the simplest first. */
function simplerActions<Events extends EventRegistry, Tx>(
  action: Action<Events, Tx> | undefined,
): Action<Events, Tx>[] {
  const page = { kind: 'page', size: largest } as const
  if (action?.kind === 'command') return action.commits ? [] : [{ ...action, commits: true }]
  if (action?.kind === 'page') return action.size === largest ? [] : [page]
  if (action?.kind === 'takeover') return [page, { ...action, size: largest }]
  if (action?.kind === 'crash') return [page, { ...action, size: largest, statement: 0, executed: false }]
  return []
}

/** Most events of a page that is as large as need be. */
export const largest = 1_000

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | undefined)?.code
