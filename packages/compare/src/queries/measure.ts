import { isDeepStrictEqual } from 'node:util'
import type { Definition } from 'trifold/internal/definition'
import { keyText } from 'trifold/internal/definition/key'
import { keyOf, rowsByKey } from 'trifold/internal/definition/rows'
import type { Row } from 'trifold/internal/encoding'
import type { Found } from 'trifold/internal/query/request'
import type { Summary } from 'trifold/internal/query/summary'
import { clock } from '../clock.ts'
import type { Answer, QueryRequest, Sample, Series } from '../comparison.ts'
import type { Answers, DefinitionAnswers } from './answerers.ts'
import type { NamedQuery } from './read-file.ts'

const warmUps = 3
const mostSamples = 30
/** Who is slow is asked less often: an answerer's samples of one query take so many milliseconds at most. */
const budget = 3_000

/** What one answerer gave. */
interface Asked {
  answers: Answers
  samples: Sample[]
  spent: number
  result: Found | Summary
}

/**
 * Asks everybody the same request in turn, again and again, so that what else goes on hits all alike.
 *
 * @param since when the load began, by {@link clock}: the samples' times count from there
 */
export async function measureQuery(
  { request }: NamedQuery,
  definition: DefinitionAnswers,
  described: Definition,
  everybody: readonly Answers[],
  since: number,
  signal: AbortSignal,
): Promise<Answer[]> {
  const first = await Promise.all(everybody.map((answers) => firstAnswer(answers, request)))
  const able = first.filter((one): one is Asked => 'samples' in one)
  for (let round = 0; round < warmUps + mostSamples; round++) {
    for (const asked of able.filter(({ spent }) => spent < budget)) {
      signal.throwIfAborted()
      await sample(asked, request, since, round >= warmUps || asked.spent > budget / 2)
    }
  }
  const wanted = able.find(({ answers }) => answers === definition)?.result
  return Promise.all(
    first.map(async (one) => {
      if (!('samples' in one)) return one
      const { answers, samples, result } = one
      const rows = 'rows' in result ? result.rows.length : result.groups.length
      const equal = await isEqual(definition, described, result, wanted)
      return { by: answers.by, latency: { unit: 'ms', samples } satisfies Series, rows, equal }
    }),
  )
}

/** What an answerer cannot do is an answer too. */
async function firstAnswer(
  answers: Answers,
  request: QueryRequest,
): Promise<Asked | { by: Answers['by']; cannot: string }> {
  try {
    return { answers, samples: [], spent: 0, result: await answers.ask(request) }
  } catch (error) {
    return { by: answers.by, cannot: reasonOf(error as Error, answers) }
  }
}

/** The same reason reads the same for every answerer. */
const reasonOf = ({ message }: Error, { name }: Answers): string => message.replace(/^query: /, '').replace(name, 'it')

async function sample(asked: Asked, request: QueryRequest, since: number, counts: boolean): Promise<void> {
  const one = await timedAnswer(asked.answers, request, since)
  asked.spent += one.value
  // One answer that takes longer than all are given is not a warm-up: it is the only sample there will be.
  if (counts || one.value >= budget) asked.samples.push(one)
}

/** How long one answer takes, in milliseconds. */
export async function timedAnswer(
  answers: Pick<Answers, 'ask'>,
  request: QueryRequest,
  since: number,
): Promise<Sample> {
  const begun = clock()
  await answers.ask(request)
  return { at: (begun - since) / 1_000, value: clock() - begun }
}

/** Where the definition cannot answer itself (full text), each row that was found is compared with its row. */
async function isEqual(
  definition: DefinitionAnswers,
  described: Definition,
  result: Found | Summary,
  wanted: Found | Summary | undefined,
): Promise<boolean> {
  if (wanted) return isDeepStrictEqual(contentOf(result), contentOf(wanted))
  if (!('rows' in result)) return false
  const rows = await rowsByKey(
    definition.client,
    { definition: described },
    result.rows.map((row) => keyOf(described, row)),
  )
  return result.rows.every((row) => isDeepStrictEqual(row, rows.get(textOf(described, row))))
}

const contentOf = (result: Found | Summary): unknown => ('rows' in result ? result.rows : result.groups)

const textOf = (definition: Definition, row: Row): string => keyText(definition.key, keyOf(definition, row))
