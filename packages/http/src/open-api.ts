import type { FastifyInstance } from 'fastify'
import { packageVersion } from 'trifold/internal/cli/version'
import type { Caller } from './access.ts'
import type { Api } from './context.ts'
import { definitionFor, targetsOf } from './granted.ts'
import {
  entrySchema,
  foundSchema,
  problemSchema,
  rowSchema,
  suggestionsSchema,
  summarySchema,
} from './open-api/answer-schema.ts'
import { commonPaths, pathsOf } from './open-api/paths.ts'
import { type Described, exportSchema, requestSchema, whereSchema } from './open-api/request-schema.ts'
import type { Schema } from './open-api/schema.ts'
import { checkParameters } from './request-json.ts'

/** Routes the document: of what the caller reads, and nothing else. */
export function routeOpenApi(app: FastifyInstance, api: Api): void {
  app.get('/openapi.json', async (request) => {
    checkParameters(request, [])
    return openApiDocument(api, request.caller, app.prefix || '/')
  })
}

/** The OpenAPI document of what a caller reads, from the definitions and from what checks its requests. */
export async function openApiDocument(api: Api, caller: Caller, url: string): Promise<Schema> {
  const names = [...caller.grants.keys()]
  const described = await Promise.all(names.map((name) => describe(api, caller, name)))
  const security = api.hasKeys && { security: [{ key: [] }] }
  return {
    openapi: '3.1.0',
    info: { title: 'Read models', version: packageVersion() },
    servers: [{ url }],
    ...security,
    paths: Object.assign({}, commonPaths, ...names.map(pathsOf)),
    components: {
      schemas: Object.assign({ problem: problemSchema, readModel: entrySchema }, ...described.map(schemasOf)),
      ...(security && { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } }),
    },
  }
}

async function describe({ toolkit, limits }: Api, caller: Caller, name: string): Promise<Described> {
  const stores = targetsOf(toolkit, name).map(({ materializer }) => materializer)
  return { definition: await definitionFor(toolkit, caller, name), stores, limits }
}

function schemasOf(described: Described): Readonly<Record<string, Schema>> {
  const { definition } = described
  const { readModel } = definition
  return {
    [`${readModel}.row`]: rowSchema(definition),
    [`${readModel}.where`]: whereSchema(definition),
    [`${readModel}.find`]: requestSchema('find', described),
    [`${readModel}.found`]: foundSchema(definition),
    [`${readModel}.summarize`]: requestSchema('summarize', described),
    [`${readModel}.summary`]: summarySchema(definition),
    [`${readModel}.suggest`]: requestSchema('suggest', described),
    [`${readModel}.suggestions`]: suggestionsSchema(definition),
    [`${readModel}.export`]: exportSchema(described),
  }
}
