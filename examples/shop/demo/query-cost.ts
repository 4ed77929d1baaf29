import type { Random } from '../random.ts'
import { type Spread, spreadOf } from './percentile.ts'
import type { Reader, TargetKind } from './probes.ts'

const warmUp = 30
const rounds = 200

/** The newest orders of a customer, asked of every target by turns: milliseconds of one query. */
export async function measureQueryCost(
  reader: Reader,
  targets: readonly TargetKind[],
  customers: readonly number[],
  random: Random,
  signal: AbortSignal,
): Promise<Map<TargetKind, Spread>> {
  const measured = new Map(targets.map((target) => [target, [] as number[]]))
  for (let round = -warmUp; round < rounds; round++) {
    signal.throwIfAborted()
    const where = { customer_id: random.pick(customers) }
    for (const [target, values] of measured) {
      const started = performance.now()
      await reader.find({ from: target, where, sort: '-created_at', limit: 50 })
      if (round >= 0) values.push(performance.now() - started)
    }
  }
  return new Map([...measured].map(([target, values]) => [target, spreadOf(values)]))
}
