import type pg from 'pg'
import { openClient } from 'trifold/internal/database'
import { type Definition, definitionSource } from 'trifold/internal/definition'
import type { Materializer } from 'trifold/internal/materializer'
import { planFind, planSummarize } from 'trifold/internal/query/plan'
import type { Reader } from 'trifold/internal/query/reader'
import { findStatement, type ReadRelation } from 'trifold/internal/query/relation/find'
import { relationReader } from 'trifold/internal/query/relation/reader'
import { summarizeStatement } from 'trifold/internal/query/relation/summarize'
import type { Found } from 'trifold/internal/query/request'
import type { Summary } from 'trifold/internal/query/summary'
import { sqlState } from 'trifold/internal/sql'
import type { Answerer, QueryRequest } from '../comparison.ts'

/** Who answers queries. */
export interface Answers {
  by: Answerer
  /** What its refusals call it: `order_summary@table`. */
  name: string
  ask(request: QueryRequest): Promise<Found | Summary>
}

/** Longest answer of the definition, in milliseconds. */
export const longestAnswer = 20_000

export const targetAnswers = (by: Answerer, materializer: Materializer): Answers => ({
  by,
  name: materializer.context.target,
  ask: (request) => answerOf(materializer, request),
})

const answerOf = (reader: Reader, request: QueryRequest): Promise<Found | Summary> =>
  'find' in request ? reader.find({ ...request.find, deadline }) : reader.summarize({ ...request.summarize, deadline })

/** Behind {@link longestAnswer}: whoever measures ends what is too slow. */
const deadline = 2 * longestAnswer

/** The definition as a plain view answers, in a separate session. */
export class DefinitionAnswers implements Answers {
  readonly by = 'definition'
  readonly name = 'the definition'
  readonly client: pg.Client
  private readonly source: ReadRelation

  private constructor(client: pg.Client, source: ReadRelation) {
    this.client = client
    this.source = source
  }

  /** @param fullTextTarget a target that has full text, for the refusal of `text` */
  static async open(
    databaseUrl: string,
    definition: Definition,
    fullTextTarget: string | undefined,
  ): Promise<DefinitionAnswers> {
    const settings = { statement_timeout: String(longestAnswer) }
    const client = await openClient(databaseUrl, { name: 'compare definition', settings })
    return new DefinitionAnswers(client, {
      relation: `${definitionSource(definition)} as definition`,
      definition,
      target: 'the definition',
      fullTextTargets: fullTextTarget ? [fullTextTarget] : [],
    })
  }

  async ask(request: QueryRequest): Promise<Found | Summary> {
    try {
      return await answerOf(relationReader(this.client, this.source), request)
    } catch (error) {
      if (sqlState(error) !== '57014') throw error
      throw new Error(`it did not answer within ${longestAnswer / 1_000} s`, { cause: error })
    }
  }

  /** The statement that {@link ask} runs. */
  statement(request: QueryRequest): { text: string; values: string[] } {
    const { definition } = this.source
    if ('find' in request) return findStatement(this.source, planFind({ definition }, request.find))
    return summarizeStatement(this.source, planSummarize({ definition }, request.summarize))
  }

  close(): Promise<void> {
    return this.client.end()
  }
}
