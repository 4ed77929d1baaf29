import { quantile as percentile } from '../packages/compare/src/series.ts'

/** One measured figure beside its ceiling or control. */
export interface Figure {
  /** Name of the benchmark. */
  bench: string
  name: string
  unit: string
  /** Median of the rounds. */
  value: number
  /** The same thing done in the barest way that is known, or without the part that is measured. */
  control?: { name: string; value: number }
  /** Median over the rounds of value / control. */
  ratio?: number
  /** Of every round. */
  ratios?: number[]
  goal?: Goal
  /** Every round. */
  raw: number[]
  rawControl?: number[]
}

/** What the figure, or its ratio to the control, is to reach. */
export interface Goal {
  of: 'value' | 'ratio'
  atLeast?: number
  atMost?: number
}

interface Measured {
  bench: string
  name: string
  unit: string
  rounds: number[]
  control?: { name: string; rounds: number[] }
  goal?: Goal
}

/** A figure of the rounds in which it and its control were measured in turn. */
export function figureOf({ rounds, control, ...rest }: Measured): Figure {
  if (!control) return { ...rest, value: median(rounds), raw: rounds }
  const ratios = rounds.map((value, round) => value / (control.rounds[round] as number))
  return {
    ...rest,
    value: median(rounds),
    control: { name: control.name, value: median(control.rounds) },
    ratio: median(ratios),
    ratios,
    raw: rounds,
    rawControl: control.rounds,
  }
}

/** Of each value that the rounds have, its name, its unit and what it is to be at most. */
type Units<Round> = {
  readonly [Value in keyof Round]: readonly [name: string, unit: string, atMost: number | undefined]
}

/** A figure of each value of the rounds, without a control. */
export const figuresOfRounds = <Round extends Record<keyof Round, number>>(
  bench: string,
  units: Units<Round>,
  rounds: readonly Round[],
): Figure[] =>
  (Object.keys(units) as (keyof Round)[]).map((of) => {
    const [name, unit, atMost] = units[of]
    const goal = atMost === undefined ? {} : { goal: { of: 'value' as const, atMost } }
    return figureOf({ bench, name, unit, rounds: rounds.map((round) => round[of]), ...goal })
  })

/** Whether the goal is reached; undefined where there is none. */
export function reached({ goal, value, ratio }: Figure): boolean | undefined {
  if (!goal) return undefined
  const measured = goal.of === 'value' ? value : (ratio as number)
  return measured >= (goal.atLeast ?? -Infinity) && measured <= (goal.atMost ?? Infinity)
}

export const median = (values: readonly number[]): number => percentile(values, 0.5)

export { percentile }
