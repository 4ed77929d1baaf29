import type { FastifyInstance } from 'fastify'
import type { ReadModel } from 'trifold'
import type { Column, Definition } from 'trifold/internal/definition'
import { freshTarget, readFreshness } from 'trifold/internal/freshness'
import { operatorsOf } from 'trifold/internal/query/conditions'
import { readSwitch } from 'trifold/internal/schema/serving'
import { targetNamed } from 'trifold/internal/target'
import { servedBy } from 'trifold/internal/toolkit/served'
import type { Caller } from './access.ts'
import type { Api, Named } from './context.ts'
import { definitionFor, grantOf, targetsOf } from './granted.ts'
import { checkParameters } from './request-json.ts'

/** A read model, as a caller sees it. */
export interface ReadModelEntry {
  name: string
  /** The columns that identify a row. */
  key: string[]
  columns: ColumnEntry[]
  targets: TargetEntry[]
}

export interface ColumnEntry {
  name: string
  /** The type of PostgreSQL, such as `numeric`. */
  type: string
  /** What conditions it takes. */
  conditions: readonly string[]
}

export interface TargetEntry {
  /** What a request names as `from`. */
  name: string
  /** Whether it answers requests without `from`. */
  serves: boolean
  /** Milliseconds that it is behind; null if it was not built yet. */
  lag: number | null
  /** What it shows is not older than this: ISO 8601 in UTC. */
  reflectedAt: string | null
}

/** Routes what a caller reads. */
export function routeReadModels(app: FastifyInstance, api: Api): void {
  app.get('/read-models', async (request) => {
    checkParameters(request, [])
    const { caller } = request
    return { readModels: await Promise.all([...caller.grants.keys()].map((name) => entryOf(api, caller, name))) }
  })
  app.get('/read-models/:name', async (request) => {
    const { name } = request.params as Named
    grantOf(request.caller, name)
    checkParameters(request, [])
    return entryOf(api, request.caller, name)
  })
}

async function entryOf(api: Api, caller: Caller, name: string): Promise<ReadModelEntry> {
  const [definition, targets] = await Promise.all([definitionFor(api.toolkit, caller, name), targetEntries(api, name)])
  return { name, key: definition.key.map((column) => column.name), columns: columnEntries(definition), targets }
}

const columnEntries = ({ columns }: Definition): ColumnEntry[] =>
  columns.map((column: Column) => ({
    name: column.name,
    type: column.encoding.pgType,
    conditions: operatorsOf(column),
  }))

async function targetEntries({ toolkit }: Api, name: string): Promise<TargetEntry[]> {
  const { pool, config } = toolkit
  const targets = targetsOf(toolkit, name)
  const opened = targets.flatMap(({ target }) => toolkit.targets.get(target) ?? [])
  const [freshness, switchedTo] = await Promise.all([
    readFreshness(pool, opened.map(freshTarget)),
    readSwitch(pool, name),
  ])
  const serving = targetNamed(name, servedBy(config.readModels[name] as ReadModel, switchedTo))
  return targets.map(({ target, materializer }) => {
    const { lag, reflectedAt } = freshness.get(target) ?? {}
    return {
      name: materializer,
      serves: target === serving,
      lag: lag === undefined ? null : Math.round(lag),
      reflectedAt: reflectedAt ?? null,
    }
  })
}
