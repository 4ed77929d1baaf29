import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isTrifoldError } from '../../src/errors.ts'
import { planFind, planSummarize } from '../../src/query/plan.ts'
import { indexReader } from '../../src/query/search.ts'
import { type Reader, relationReader } from '../../src/query.ts'
import { fewOrMany } from '../support/long.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../support/search.ts'
import { randomThings } from './catalog.ts'
import { anyMutation, type Mutation } from './mutations.ts'
import { createThingsIndex, createThingsTable, type Things } from './things.ts'

const seed = Number(process.env.TRIFOLD_TEST_SEED ?? Date.now() % 2 ** 31)
const refusals = ['QUERY_INVALID', 'CURSOR_INVALID', 'TOKEN_INVALID']

let things: Things

beforeAll(async () => {
  process.stderr.write(`test/query/mutations: TRIFOLD_TEST_SEED=${seed}\n`)
  things = await createThingsTable(randomThings(seed, 100))
})

afterAll(() => things?.close())

const planOf = (kind: Mutation['kind'], request: unknown) =>
  kind === 'find' ? planFind(things, request) : planSummarize(things, request)

/** The plan of a request, or why there is none. */
function outcomeOf(kind: Mutation['kind'], request: unknown): unknown {
  try {
    return planOf(kind, request)
  } catch (error) {
    return error
  }
}

/** Some values throw when they are looked at. */
function isEqual(value: unknown, other: unknown): boolean {
  try {
    return isDeepStrictEqual(value, other)
  } catch {
    return false
  }
}

/** What is left out as well as said: the default, in other words. */
function isDefault({ path, value }: Mutation): boolean {
  const term = path.at(-1)
  if (path.length === 0) return value === undefined || isEqual(value, {})
  if (path.length > 1) return false
  if (value === undefined) return term !== 'where'
  if (term === 'where') return isEqual(value, {})
  if (term === 'sort') return isEqual(value, [])
  return (term === 'limit' && value === 100) || ((term === 'highlight' || term === 'total') && value === false)
}

/** These count for something only where `after` is given, or change the order of equal rows only. */
const isWithoutEffect = ({ path: [term] }: Mutation): boolean => term === 'timeout' || term === 'sort'

test(`of 10,000 requests with a fault none is answered as if the faulty part were not there (seed ${seed})`, () => {
  let [refused, understood] = [0, 0]
  const check = (mutation: Mutation) => {
    const { kind, request, without } = mutation
    const plan = outcomeOf(kind, request)
    if (plan instanceof Error) {
      expect(refusals).toContain(isTrifoldError(plan) ? plan.code : plan)
      refused += 1
      return
    }
    understood += 1
    if (isDefault(mutation) || isWithoutEffect(mutation)) return
    expect(plan, 'answered as if it were not there').not.toEqual(outcomeOf(kind, without))
  }
  fc.assert(fc.property(anyMutation, check), { seed, numRuns: 10_000, endOnFailure: true })
  expect(refused).toBeGreaterThan(5_000)
  expect(understood).toBeGreaterThan(200)
})

const knownPart = (request: unknown, name: string): [string, unknown][] =>
  typeof request === 'object' && request !== null && Object.hasOwn(request, name)
    ? [[name, (request as Record<string, unknown>)[name]]]
    : []

test('the check would notice a part that is overlooked', () => {
  const overlooking = (mutation: Mutation) => {
    const names = ['where', 'sort', 'limit', 'timeout', 'deadline', 'group', 'sum']
    const known = Object.fromEntries(names.flatMap((name) => knownPart(mutation.request, name)))
    const plan = outcomeOf(mutation.kind, known)
    return !(plan instanceof Error) && isDeepStrictEqual(plan, outcomeOf(mutation.kind, mutation.without))
  }
  const overlooked = fc
    .sample(anyMutation, { seed, numRuns: 1_000 })
    .filter((mutation) => mutation.path.length === 1 && !isDefault(mutation) && overlooking(mutation))
  expect(overlooked.length).toBeGreaterThan(50)
})

describeWithSearch('Engines', () => {
  let search: TestSearch
  let readers: Record<'table' | 'view' | 'search', Reader>

  beforeAll(async () => {
    search = createSearch()
    await things.pool.query('create materialized view things_view as select * from things')
    const index = await createThingsIndex(search, things.definition, randomThings(seed, 100))
    readers = {
      table: relationReader(things.pool, things.relation),
      view: relationReader(things.pool, { ...things.relation, relation: 'public.things_view' }),
      search: indexReader(search.client, index),
    }
  })

  afterAll(() => search?.close())

  // A deadline may be too short for one target and not for another.
  const expected = [...refusals, 'QUERY_UNSUPPORTED', 'VALUE_INVALID', 'READ_TIMEOUT']

  async function answerOf(reader: Reader, { kind, request }: Mutation): Promise<unknown> {
    try {
      const { rows, groups } = (await reader[kind](request as never)) as { rows?: unknown; groups?: unknown[] }
      return rows ?? groups?.length
    } catch (error) {
      if (isTrifoldError(error) && expected.includes(error.code)) return error.code
      throw error
    }
  }

  test(`never see what is not understood, and answer alike what is (seed ${seed})`, async () => {
    const understood = ({ kind, request }: Mutation): boolean => !(outcomeOf(kind, request) instanceof Error)
    const check = async (mutation: Mutation) => {
      const [table, view, index] = await Promise.all(
        (['table', 'view', 'search'] as const).map((name) => answerOf(readers[name], mutation)),
      )
      const answers = [table, view, index].filter((outcome) => typeof outcome !== 'string')
      for (const answer of answers) expect(answer).toEqual(answers[0])
    }
    const asked = anyMutation.filter(understood)
    await fc.assert(fc.asyncProperty(asked, check), { seed, numRuns: fewOrMany(150, 600), endOnFailure: true })
  })
})
