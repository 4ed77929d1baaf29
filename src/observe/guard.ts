import { TrifoldError } from '../errors.ts'
import { failureOf } from './failure.ts'
import type { Observation, ObservationKind, Observe } from './observations.ts'

/**
 * One observer in place of several, none of which can break what it observes: what one throws, or rejects with, is a
 * warning of the process (`OBSERVER_FAILED`), once for each observer, and the others are called all the same.
 *
 * @returns undefined if there is none: parts call `observe?.({...})`, which then does not even make the observation
 */
export function guarded(observers: Observe | readonly Observe[] | undefined): Observe | undefined {
  const [first, ...others] = [observers ?? []].flat().map(guardedOne)
  if (!first || others.length === 0) return first
  return (observation) => {
    first(observation)
    for (const observe of others) observe(observation)
  }
}

function guardedOne(observe: (observation: Observation) => unknown): Observe {
  let warned = false
  const warn = (kind: ObservationKind, error: unknown) => {
    if (!warned) process.emitWarning(observerFailed(kind, error))
    warned = true
  }
  return (observation) => {
    try {
      const returned = observe(observation)
      if (returned instanceof Promise) returned.catch((error) => warn(observation.kind, error))
    } catch (error) {
      warn(observation.kind, error)
    }
  }
}

const observerFailed = (kind: ObservationKind, cause: unknown): TrifoldError =>
  new TrifoldError(
    'OBSERVER_FAILED',
    `observe: an observer failed at ${kind}: ${failureOf(cause).message}; correct it (Trifold still calls it, but does not report its next errors)`,
    { cause },
  )
