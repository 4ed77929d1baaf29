import { parseArgs } from 'node:util'

export interface BenchOptions {
  /** Only these benchmarks; empty: all. */
  only: string[]
  json: boolean
  /** Events of a backlog. */
  events: number
  /** Length of a run at a fixed rate. */
  seconds: number
  /** How often a figure and its control are measured in turn. */
  rounds: number
  quick: boolean
}

export const usage = `usage: npm run bench -- [--only NAME]... [--json] [--events N] [--seconds S] [--rounds N] [--quick]`

/** Reads the command line. @throws where it has an unknown option or no number where one belongs */
export function readOptions(args: string[]): BenchOptions {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
      events: { type: 'string' },
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
  })
  const { quick, json, only } = values
  return {
    only,
    json,
    quick,
    events: positive('events', values.events) ?? (quick ? 100_000 : 1_000_000),
    seconds: positive('seconds', values.seconds) ?? (quick ? 4 : 15),
    rounds: positive('rounds', values.rounds) ?? (quick ? 1 : 5),
  }
}

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const number = Number(text)
  if (!(number > 0)) throw new Error(`--${name} takes a number above 0, not ${text}`)
  return number
}
