import { levelOf, type Observation, type Observe } from '../observe.ts'
import { subjectOf, textOf } from '../operator/describe.ts'
import { colorsOf, type OutputStream } from './console.ts'

export interface LogOptions {
  /** One JSON object a line, instead of a line for people. */
  json?: boolean | undefined
  /** Also observations of the level `debug`, such as every page. */
  verbose?: boolean | undefined
}

/** Writes what is observed to a stream; each progress of a rebuild at most twice a second for a target. */
export function logTo(stream: OutputStream, { json, verbose }: LogOptions = {}): Observe {
  const write = json ? jsonLines(stream) : textLines(stream)
  const isDue = progressLimit()
  return (observation) => {
    if (!verbose && levelOf(observation.kind) === 'debug') return
    if (isDue(observation)) write(observation)
  }
}

const progressEvery = 500

/** The last progress of a rebuild that has a total is never left out. */
function progressLimit(): (observation: Observation) => boolean {
  const shown = new Map<string, number>()
  return (observation) => {
    if (observation.kind !== 'rebuild.progressed' && observation.kind !== 'rebuild.verifying') return true
    const { kind, target, rows, total } = observation
    if (rows === 0) return false
    const progress = `${kind} ${target}`
    if (rows !== total && Date.now() - (shown.get(progress) ?? 0) < progressEvery) return false
    shown.set(progress, Date.now())
    return true
  }
}

const jsonLines =
  (stream: OutputStream): Observe =>
  (observation) => {
    const { kind } = observation
    stream.write(`${JSON.stringify({ at: new Date().toISOString(), level: levelOf(kind), ...observation })}\n`)
  }

function textLines(stream: OutputStream): Observe {
  const { dim, cyan } = colorsOf(stream)
  return (observation) => {
    const time = new Date().toTimeString().slice(0, 8)
    const text = textOf(observation).replaceAll(/\s*\n\s*/g, ' ')
    stream.write(`${dim(time)}  ${cyan(subjectOf(observation).padEnd(24))}  ${text}\n`)
  }
}
