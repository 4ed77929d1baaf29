import type pg from 'pg'
import { planFind } from 'trifold/internal/query/plan'
import { findStatement, type ReadRelation } from 'trifold/internal/query/relation/find'
import type { Answerer, QueryFigures } from '../comparison.ts'
import { thresholds } from '../recommend/thresholds.ts'
import { quantile, valuesOf } from '../series.ts'
import { readPlan } from './plan.ts'

/**
 * Pages that are slow from a target in PostgreSQL because it reads all its rows for them, each as a sentence: with an
 * index that is declared for them, the comparison would be another one.
 *
 * @param relations where each of those targets is read
 */
export async function unservedPages(
  pool: Pick<pg.ClientBase, 'query'>,
  readModel: string,
  relations: ReadonlyMap<Answerer, ReadRelation>,
  queries: readonly QueryFigures[],
): Promise<string[]> {
  const remarks: string[] = []
  for (const query of queries) {
    const slow: Answerer[] = []
    for (const [by, relation] of relations) {
      if (isSlow(query, by) && (await readsAllRows(pool, relation, query))) slow.push(by)
    }
    if (slow.length > 0) remarks.push(remarkOf(query, slow, readModel))
  }
  return remarks
}

function isSlow({ answers }: QueryFigures, by: Answerer): boolean {
  const answer = answers.find((one) => one.by === by)
  return answer !== undefined && 'latency' in answer && quantile(valuesOf(answer.latency), 0.95) > thresholds.fastMs
}

async function readsAllRows(
  pool: Pick<pg.ClientBase, 'query'>,
  relation: ReadRelation,
  { request }: QueryFigures,
): Promise<boolean> {
  if (!('find' in request)) return false
  const plan = await readPlan(pool, findStatement(relation, planFind(relation, request.find)))
  return plan.tables.some(({ whole }) => whole)
}

const remarkOf = ({ name }: QueryFigures, slow: readonly Answerer[], readModel: string): string =>
  `For “${name}” the ${slow.join(' and the ')} ${slow.length === 1 ? 'reads all its' : 'read all their'} rows, because no index ` +
  `that is declared serves it: declare one (\`indexes\` of ${readModel}) and compare again.`
