import type { Amount, Answerer, Comparison, Growth, QueryFigures, Series, TargetFigures } from '../comparison.ts'
import { quantile, valuesOf } from '../series.ts'

/** One cost of one answerer in one comparison. */
export interface Cost {
  cost: string
  unit: Growth['unit']
  by: Answerer
  value: number
}

type Measured = Omit<Comparison, 'recommendation'>

/** Every cost that was measured and is above zero, which a power law never reaches. */
export function costsOf(comparison: Measured): Cost[] {
  const costs = [...comparison.queries.flatMap(queryCosts), ...comparison.targets.flatMap(targetCosts)]
  return costs.filter((one) => Number.isFinite(one.value) && one.value > 0)
}

function queryCosts(query: QueryFigures): Cost[] {
  const { answers } = query
  return answers.flatMap((answer) =>
    'cannot' in answer
      ? []
      : [
          {
            cost: `query “${nameAtAnySize(query)}”`,
            unit: 'ms' as const,
            by: answer.by,
            value: median(answer.latency),
          },
        ],
  )
}

/** A derived query is named after a value that was found in the data: at another size it is another value. */
function nameAtAnySize({ name, named, request }: QueryFigures): string {
  if (named) return name
  const { where = {}, text } = 'find' in request ? request.find : request.summarize
  const values = [...Object.values(where), text].filter((value) => value !== undefined)
  return values.reduce<string>((left, value) => left.replace(JSON.stringify(value), '…'), name)
}

function targetCosts(target: TargetFigures): Cost[] {
  const by = target.materializer
  // An index refresh makes documents searchable; it does not run the definition.
  const refresh = by === 'search' ? 'index refresh' : 'refresh'
  return [
    { cost: 'lag', unit: 'ms', by, value: median(target.lag) },
    { cost: refresh, unit: 'ms', by, value: median(target.refresh) },
    { cost: 'CPU time an event', unit: 'ms', by, value: cpuPerEvent(target) },
    { cost: 'rebuild', unit: 'ms', by, value: amountOf(target.rebuild) },
    { cost: 'storage', unit: 'bytes', by, value: amountOf(target.storage) },
  ]
}

/** Of worker and engine together. */
const cpuPerEvent = ({ work }: TargetFigures): number =>
  (amountOf(work.workerCpu) + amountOf(work.engineCpu)) / amountOf(work.events)

const amountOf = (amount: Amount): number => ('value' in amount ? amount.value : Number.NaN)

const median = (series: Series): number => quantile(valuesOf(series), 0.5)
