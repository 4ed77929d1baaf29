import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createJiti } from 'jiti'
import type { Definition } from 'trifold/internal/definition'
import { TrifoldError } from 'trifold/internal/errors'
import { planFind, planSummarize } from 'trifold/internal/query/plan'
import type { QueryRequest } from '../comparison.ts'

/** A request under the name by which the comparison shows it. */
export interface NamedQuery {
  name: string
  request: QueryRequest
  /** Whether the user named it. */
  named: boolean
}

/** What may be asked of everybody: whom to ask, and when, is the comparison's to say. */
const terms = {
  find: ['where', 'text', 'highlight', 'sort', 'limit', 'cursor'],
  summarize: ['where', 'text', 'group', 'sum', 'aggregates', 'having', 'sort', 'limit'],
} as const

const form = 'each query is { "find": { … } } or { "summarize": { … } }, under its name'

/**
 * The queries of a file: `{ "newest": { "find": { … } }, "by status": { "summarize": { … } } }`, as JSON or as the
 * default export of a TypeScript or JavaScript module.
 *
 * @throws COMPARE_QUERIES if it cannot be read; QUERY_INVALID naming the query that does not fit the definition
 */
export async function readQueries(file: string, definition: Definition): Promise<NamedQuery[]> {
  const queries = Object.entries((await load(file)) ?? {})
  if (queries.length === 0) throw unreadable(file, `it names no query; ${form}`)
  return queries.map(([name, one]) => {
    checkForm(file, name, one)
    checkQuery(file, definition, name, one)
    return { name, request: one, named: true }
  })
}

function checkForm(file: string, name: string, one: unknown): asserts one is QueryRequest {
  const [[kind, request] = [], ...more] = Object.entries(one ?? {})
  if ((kind === 'find' || kind === 'summarize') && more.length === 0 && request !== undefined) return
  throw unreadable(file, `"${name}" is not a query: ${form}`)
}

async function load(file: string): Promise<unknown> {
  if (!existsSync(file)) throw unreadable(file, 'the file does not exist; correct --queries')
  try {
    if (file.endsWith('.json')) return JSON.parse(await readFile(file, 'utf8'))
    return await createJiti(file, { interopDefault: true }).import(file, { default: true })
  } catch (cause) {
    throw unreadable(file, (cause as Error).message, cause)
  }
}

function checkQuery(file: string, definition: Definition, name: string, one: QueryRequest): void {
  try {
    if ('find' in one) planFind({ definition }, one.find, terms.find)
    else planSummarize({ definition }, one.summarize, terms.summarize)
  } catch (cause) {
    const { message } = cause as Error
    throw new TrifoldError('QUERY_INVALID', `compare: the query "${name}" of ${file}: ${message}`, { cause })
  }
}

const unreadable = (file: string, reason: string, cause?: unknown): TrifoldError =>
  new TrifoldError('COMPARE_QUERIES', `compare: the queries in ${file} cannot be read: ${reason}`, { cause })
