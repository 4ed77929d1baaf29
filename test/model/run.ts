// `npm run model -- --seeds 1000 [--from 1] [rule ...]`: random histories of the protocol as it is built, or of mutants that lack
// a rule each (`all` for every one).
import { parseArgs } from 'node:util'
import { violationIn } from './history.ts'
import { type Rule, sound } from './rules.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: 'string', default: '1000' }, from: { type: 'string', default: '1' } },
})
const rules = positionals[0] === 'all' ? (Object.keys(sound) as Rule[]) : (positionals as Rule[])
for (const rule of rules)
  if (!(rule in sound)) throw new Error(`no rule is called ${rule}: ${Object.keys(sound).join(', ')}`)
const [from, seeds] = [Number(values.from), Number(values.seeds)]

function failing(broken: Parameters<typeof violationIn>[1]): string {
  const violations: string[] = []
  for (let seed = from; seed < from + seeds; seed++) {
    const violation = violationIn(seed, broken)
    if (violation) violations.push(`seed ${seed}: ${violation}`)
  }
  return [`${violations.length} of ${seeds} histories fail`, ...violations.slice(0, 3)].join('\n  ')
}

if (rules.length === 0) {
  const outcome = failing({})
  console.log(outcome)
  if (!outcome.startsWith('0 ')) process.exitCode = 1
}
for (const rule of rules) console.log(`without ${rule}: ${failing({ [rule]: false })}`)
