import { readFile } from 'node:fs/promises'
import { createJiti } from 'jiti'
import { z } from 'zod'
import type { Definition } from '../../definition.ts'
import { TrifoldError } from '../../errors.ts'
import { planFind, planSummarize } from '../../query/plan.ts'
import type { QueryRequest } from '../comparison.ts'

/** A request under the name by which the comparison shows it. */
export interface NamedQuery {
  name: string
  request: QueryRequest
  /** Whether the user named it. */
  named: boolean
}

const request = z.record(z.string(), z.unknown())
const fileSchema = z
  .record(z.string(), z.union([z.strictObject({ find: request }), z.strictObject({ summarize: request })]))
  .refine((queries) => Object.keys(queries).length > 0, { message: 'it names no query' })

/**
 * The queries of a file: `{ "newest": { "find": { … } }, "by status": { "summarize": { … } } }`, as JSON or as the
 * default export of a TypeScript or JavaScript module.
 *
 * @throws COMPARE_QUERIES where it cannot be read; QUERY_INVALID naming the query that does not fit the definition
 */
export async function readQueries(file: string, definition: Definition): Promise<NamedQuery[]> {
  const result = fileSchema.safeParse(await load(file))
  if (!result.success) {
    const faults = result.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`)
    throw unreadable(file, `${faults.join('; ')}; each query is { "find": { … } } or { "summarize": { … } }`)
  }
  return Object.entries(result.data as Record<string, QueryRequest>).map(([name, one]) => {
    checkQuery(file, definition, name, one)
    return { name, request: one, named: true }
  })
}

async function load(file: string): Promise<unknown> {
  try {
    if (file.endsWith('.json')) return JSON.parse(await readFile(file, 'utf8'))
    return await createJiti(file, { interopDefault: true }).import(file, { default: true })
  } catch (cause) {
    throw unreadable(file, (cause as Error).message, cause)
  }
}

function checkQuery(file: string, definition: Definition, name: string, one: QueryRequest): void {
  try {
    if ('find' in one) planFind(definition, one.find)
    else planSummarize(definition, one.summarize)
  } catch (cause) {
    const { message } = cause as Error
    throw new TrifoldError('QUERY_INVALID', `compare: the query "${name}" of ${file}: ${message}`, { cause })
  }
}

const unreadable = (file: string, reason: string, cause?: unknown): TrifoldError =>
  new TrifoldError('COMPARE_QUERIES', `compare: the queries in ${file} cannot be read: ${reason}`, { cause })
