import { parseArgs } from 'node:util'
import { type Mutant, mutants } from './mutants.ts'
import { kindNames } from './schedule.ts'

/** What the command line asks for. */
export interface ChaosOptions {
  seed: number
  /** How many schedules, of seeds that follow each other. */
  schedules: number
  minutes: number
  only: string[] | undefined
  mutant: Mutant | undefined
  soak: boolean
  json: boolean
  help: boolean
}

export const usage = `Usage: npm run chaos -- [options]

Runs schedules of failures, drawn from a seed, on a PostgreSQL, an OpenSearch and a Redis that it starts, while a
market is written and read. At the end of each every target is compared with its definition. What must not be is a
finding, and ends the run with 1. The seed gives the schedule; how it falls between the steps is the machine's affair.

  --seed <n>       the first seed (default: any)
  --schedules <n>  how many schedules, with the seeds that follow (default 1)
  --minutes <n>    how long each one lasts (default 2)
  --only <kinds>   only these kinds of failures, with commas between them:
                   ${kindNames.slice(0, 10).join(', ')},
                   ${kindNames.slice(10, 18).join(', ')},
                   ${kindNames.slice(18).join(', ')}
  --mutant <name>  workers or readers have a wrong design, which has to be found:
                   ${mutants.join(', ')}
  --soak           no schedule but small disturbances, and what memory and sessions do meanwhile
  --json           the outcome as JSON on stdout, the journal on stderr
  --help           this text
`

/** @throws if an option is unknown or no number */
export function readOptions(args: string[]): ChaosOptions {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
      schedules: { type: 'string', default: '1' },
      minutes: { type: 'string', default: '2' },
      only: { type: 'string' },
      mutant: { type: 'string' },
      soak: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const only = values.only?.split(',').map((kind) => kind.trim())
  const unknown = only?.find((kind) => !kindNames.includes(kind))
  if (unknown !== undefined) throw new Error(`no kind of failure is called ${unknown}: ${kindNames.join(', ')}`)
  const mutant = mutants.find((name) => name === values.mutant)
  if (values.mutant !== undefined && !mutant)
    throw new Error(`no mutant is called ${values.mutant}: ${mutants.join(', ')}`)
  const [seed, schedules, minutes] = (['seed', 'schedules', 'minutes'] as const).map((name) => {
    const number = Number(values[name])
    if (!(number > 0) && name !== 'seed') throw new Error(`--${name} takes a number above 0, not ${values[name]}`)
    if (!Number.isFinite(number)) throw new Error(`--${name} takes a number, not ${values[name]}`)
    return number
  }) as [number, number, number]
  return { seed, schedules, minutes, only, mutant, soak: values.soak, json: values.json, help: values.help }
}
