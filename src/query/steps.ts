import type { Column } from '../definition.ts'
import { plainDecimal } from '../encoding/decimal.ts'
import { shortestSingle } from '../encoding/number.ts'
import type { Value } from '../encoding.ts'
import { isTrifoldError } from '../errors.ts'
import { invalidQuery } from './invalid.ts'
import type { SummarizePlan } from './plan.ts'
import { boundOf, mostBounds } from './ranges.ts'
import type { Summary } from './summary.ts'

/**
 * The plan with the bounds of its steps: they lie on the multiples of a step, from the smallest number to the largest. A number
 * beyond them that is written before the groups are read is in a range without a bound.
 *
 * @param summarize answers a plan
 * @throws QUERY_INVALID if a step makes too many ranges
 */
export async function withSteps(
  plan: SummarizePlan,
  summarize: (plan: SummarizePlan) => Promise<Summary>,
): Promise<SummarizePlan> {
  if (plan.groups.every(({ step }) => step === undefined)) return plan
  const start = performance.now()
  const extents = (await summarize(extentPlan(plan))).groups[0] as { aggregates?: Record<string, Value> } | undefined
  const groups = plan.groups.map(({ step, ...group }, place) => {
    if (step === undefined) return group
    const [smallest, largest] = ends.map((end) => extents?.aggregates?.[`${end} ${place}`] ?? null)
    return { ...group, ranges: multiples(group.column, step, smallest ?? 0, largest ?? 0) }
  })
  return { ...plan, groups, deadline: Math.max(1, plan.deadline - (performance.now() - start)) }
}

const ends = ['min', 'max'] as const

const extentPlan = (plan: SummarizePlan): SummarizePlan => ({
  ...plan,
  groups: [],
  having: [],
  order: { by: 'count', descending: true },
  aggregates: plan.groups.flatMap(({ column, step }, place) =>
    step === undefined ? [] : ends.map((end) => ({ name: `${end} ${place}`, function: end, column })),
  ),
})

/** The multiples of a step around the numbers, ascending, without those that the column cannot hold. Decimals are exact. */
function multiples(column: Column, step: Value, smallest: Value, largest: Value): Value[] {
  const texts = [step, smallest, largest].map((value) =>
    typeof value === 'number' ? plainDecimal(value) : String(value),
  )
  const decimals = Math.max(...texts.map((text) => text.split('.')[1]?.length ?? 0))
  const [width, low, high] = texts.map((text) => unitsOf(text, decimals)) as [bigint, bigint, bigint]
  const [first, last] = [floorOf(low, width), floorOf(high, width)]
  if (last - first > mostBounds - 2)
    throw invalidQuery(
      `\`step\` of ${column.name} makes more than ${mostBounds - 1} ranges from ${smallest} to ${largest}; take a larger one than ${step}, or fewer rows`,
      { column: column.name },
    )
  const all = Array.from({ length: Number(last - first) + 2 }, (_, place) =>
    held(column, decimalOf((first + BigInt(place)) * width, decimals)),
  )
  return all.filter((bound, place): bound is Value => bound !== undefined && bound !== all[place - 1])
}

/** The number as the column holds it: of floating-point numbers the nearest one. */
function held(column: Column, text: string): Value | undefined {
  try {
    return boundOf(column, column.encoding.pgType === 'real' ? shortestSingle(Math.fround(Number(text))) : text)
  } catch (error) {
    if (isTrifoldError(error, 'QUERY_INVALID')) return undefined
    throw error
  }
}

const unitsOf = (text: string, decimals: number): bigint => {
  const [whole = '', fraction = ''] = text.split('.')
  return BigInt(`${whole}${fraction.padEnd(decimals, '0')}`)
}

function decimalOf(units: bigint, decimals: number): string {
  const digits = String(units < 0n ? -units : units).padStart(decimals + 1, '0')
  const point = digits.length - decimals
  return `${units < 0n ? '-' : ''}${digits.slice(0, point)}${decimals > 0 ? `.${digits.slice(point)}` : ''}`
}

/** The quotient, rounded down: BigInt rounds toward zero. */
const floorOf = (units: bigint, width: bigint): bigint =>
  units < 0n && units % width !== 0n ? units / width - 1n : units / width
