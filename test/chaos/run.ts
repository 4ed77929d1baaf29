// `npm run chaos -- --seed 7 --minutes 2`: see options.ts.
import { Engines } from './engines.ts'
import { type ChaosOptions, readOptions, usage } from './options.ts'
import { runSchedule } from './run-schedule.ts'
import { soak } from './soak.ts'

/** What came of one seed. */
interface Outcome {
  seed: number
  seconds: number
  findings: { at: number; what: string }[]
  counts: Record<string, number>
  journal: string[]
}

/** Beyond its schedule a run builds, recovers and compares; one that hangs is ended. In milliseconds. */
const beyond = 10 * 60_000

try {
  const options = readOptions(process.argv.slice(2))
  if (options.help) process.stdout.write(usage)
  else process.exitCode = await main(options)
} catch (error) {
  process.stderr.write(`chaos: ${(error as Error).message}\n\n${usage}`)
  process.exitCode = 2
}

async function main(options: ChaosOptions): Promise<number> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130)) // unmounts the disk
  const say = (line: string) => void (options.json ? process.stderr : process.stdout).write(`${line}\n`)
  const engines = await Engines.start(say)
  const outcomes: Outcome[] = []
  try {
    for (let seed = options.seed; seed < options.seed + options.schedules; seed++)
      outcomes.push(await within(options, seed, () => outcomeOf(engines, options, seed, say)))
  } finally {
    for (const left of await engines.stop()) outcomes.at(-1)?.findings.push({ at: 0, what: left })
  }
  if (options.json) process.stdout.write(`${JSON.stringify(outcomes, undefined, 2)}\n`)
  for (const outcome of outcomes) say(summaryOf(outcome))
  return outcomes.some(({ findings }) => findings.length > 0) ? 1 : 0
}

async function outcomeOf(
  engines: Engines,
  { minutes, only, mutant, soak: soaks }: ChaosOptions,
  seed: number,
  say: (line: string) => void,
): Promise<Outcome> {
  const milliseconds = minutes * 60_000
  const journal = soaks
    ? await soak(engines, { seed, milliseconds, say })
    : await runSchedule(engines, { seed, milliseconds, only, mutant, say })
  const { seconds, findings, counts, lines } = journal
  return { seed, seconds, findings, counts, journal: lines }
}

/** Ends the process, and with it all that it started, if a run hangs. */
async function within<T>({ minutes }: ChaosOptions, seed: number, work: () => Promise<T>): Promise<T> {
  const timer = setTimeout(
    () => {
      process.stderr.write(`chaos: seed ${seed} hangs: it did not end ${beyond / 60_000} minutes after its schedule\n`)
      process.exit(1)
    },
    minutes * 60_000 + beyond,
  )
  return work().finally(() => clearTimeout(timer))
}

function summaryOf({ seed, seconds, findings, counts }: Outcome): string {
  const counted = Object.entries(counts).map(([what, count]) => `${what} ${count}`)
  const found = findings.map(({ at, what }) => `\n  at ${at} s: ${what}`)
  return `seed ${seed}: ${findings.length} findings in ${seconds} s (${counted.join(', ')})${found.join('')}`
}
