import type { Toolkit } from 'trifold/internal/toolkit'
import type { QueryFigures } from '../comparison.ts'
import type { ComparedTarget } from '../targets.ts'
import { type Answers, DefinitionAnswers, targetAnswers } from './answerers.ts'
import { derivedQueries } from './derive.ts'
import { measureQuery } from './measure.ts'
import { type Plan, readPlan } from './plan.ts'
import type { NamedQuery } from './read-file.ts'
import { bestIndex } from './trial-index.ts'

export interface QueryOptions {
  /** What the user named; undefined: the queries are derived. */
  named: readonly NamedQuery[] | undefined
  /** Whether an index of the write model may be tried, which keeps writers away for a moment. */
  tryIndexes: boolean
  /** When the load began, by `clock`. */
  since: number
  signal: AbortSignal
  onQuery: (name: string) => void
}

const sampleRows = 500

/** Every query, in each target and by the definition itself; at a quiet moment, when all show the same. */
export async function measureQueries(
  toolkit: Toolkit,
  targets: readonly ComparedTarget[],
  options: QueryOptions,
): Promise<QueryFigures[]> {
  const { materializer } = targets[0] as ComparedTarget
  const { definition, model } = materializer.context
  const { rows: sample } = await materializer.find({ limit: sampleRows })
  const queries = options.named ?? derivedQueries(definition, model, sample)
  const fullText = targets.find((target) => target.materializer.features.fullText)
  const byDefinition = await DefinitionAnswers.open(toolkit.config.database, definition, fullText?.target)
  const everybody: Answers[] = [byDefinition, ...targets.map(({ kind, materializer: one }) => targetAnswers(kind, one))]
  try {
    const figures: QueryFigures[] = []
    for (const query of queries) {
      options.onQuery(query.name)
      figures.push(await figuresOf(query, byDefinition, everybody, targets, options))
    }
    return figures
  } finally {
    await byDefinition.close()
  }
}

async function figuresOf(
  query: NamedQuery,
  byDefinition: DefinitionAnswers,
  everybody: readonly Answers[],
  targets: readonly ComparedTarget[],
  { tryIndexes, since, signal }: QueryOptions,
): Promise<QueryFigures> {
  const { definition } = (targets[0] as ComparedTarget).materializer.context
  const answers = await measureQuery(query, byDefinition, definition, everybody, since, signal)
  const itself = answers.find(({ by }) => by === 'definition')
  const plan = await planOf(byDefinition, query)
  const latency = itself && 'latency' in itself ? itself.latency.samples.map(({ value }) => value) : []
  const index =
    tryIndexes && latency.length > 0
      ? await bestIndex(byDefinition, query.request, plan, latency, since, signal)
      : undefined
  return {
    ...query,
    answers,
    plan: { indexes: plan.indexes, scans: scansOf(plan) },
    index,
  }
}

const scansOf = ({ tables }: Plan): string[] => [
  ...new Set(tables.filter(({ whole }) => whole).map(({ schema, name }) => `${schema}.${name}`)),
]

/** A request that the definition cannot answer has no plan. */
async function planOf(byDefinition: DefinitionAnswers, { request }: NamedQuery): Promise<Plan> {
  const asked = 'find' in request ? request.find : request.summarize
  if (asked.text !== undefined) return { indexes: [], tables: [], order: [] }
  return readPlan(byDefinition.client, byDefinition.statement(request))
}
