import { mediaTypes } from '../exports.ts'
import { listOf, objectWith, ref, type Schema } from './schema.ts'

type Operation = Readonly<Record<string, unknown>>

const problem = { description: 'What is wrong.', content: { 'application/problem+json': { schema: ref('problem') } } }

const token = {
  name: 'Trifold-Token',
  in: 'header',
  schema: { type: 'string' },
  description: 'The commit token that the client has seen last: the read waits until its target shows the commit.',
}

const operation = (summary: string, content: Schema, more: Operation = {}): Operation => ({
  summary,
  ...more,
  responses: { 200: { description: 'The answer.', content }, default: problem },
})

const json = (schema: Schema): Schema => ({ 'application/json': { schema } })

const knownTag = {
  name: 'If-None-Match',
  in: 'header',
  schema: { type: 'string' },
  description: 'The `ETag` of the answer that the client has: 304 says that it has not changed.',
}

/** The same request as a GET, in one parameter, and as a POST. */
function bothWays(summary: string, request: Schema, content: Schema, parameters: readonly Operation[] = []): Operation {
  const inAddress = { name: 'request', in: 'query', content: json(request) }
  return {
    get: operation(summary, content, { parameters: [inAddress, ...parameters, token, knownTag] }),
    post: operation(summary, content, {
      parameters: [...parameters, token],
      requestBody: { required: true, content: json(request) },
    }),
  }
}

/** The paths that have nothing to do with one read model. */
export const commonPaths: Readonly<Record<string, Operation>> = {
  '/read-models': {
    get: operation('The read models', json(objectWith({ readModels: listOf(ref('readModel')) }))),
  },
  '/openapi.json': { get: operation('This document', json({ type: 'object' })) },
}

/** The paths of one read model. */
export const pathsOf = (name: string): Readonly<Record<string, Operation>> => ({
  [`/read-models/${name}`]: {
    get: operation(`${name}: its columns, and how fresh its targets are`, json(ref('readModel'))),
  },
  [`/read-models/${name}/find`]: bothWays(`A page of rows of ${name}`, ref(`${name}.find`), json(ref(`${name}.found`))),
  [`/read-models/${name}/summarize`]: bothWays(
    `Counts, sums and other numbers of ${name}, in groups`,
    ref(`${name}.summarize`),
    json(ref(`${name}.summary`)),
  ),
  [`/read-models/${name}/suggest`]: bothWays(
    `Texts of ${name} that somebody may have wanted to type`,
    ref(`${name}.suggest`),
    json(ref(`${name}.suggestions`)),
  ),
  [`/read-models/${name}/export`]: bothWays(
    `All rows of ${name} at one snapshot; the trailer Trifold-Rows says how many`,
    ref(`${name}.export`),
    Object.fromEntries(Object.values(mediaTypes).map((type) => [type, { schema: { type: 'string' } }])),
    [
      { name: 'format', in: 'query', schema: { type: 'string', enum: Object.keys(mediaTypes), default: 'csv' } },
      { name: 'raw', in: 'query', schema: { type: 'string', enum: ['true', 'false'], default: 'false' } },
    ],
  ),
})
