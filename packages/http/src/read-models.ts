import type { FastifyInstance } from 'fastify'
import type { ReadModel } from 'trifold'
import type { Column, Definition } from 'trifold/internal/definition'
import { freshTarget, readFreshness } from 'trifold/internal/freshness'
import { type Use, usesOf } from 'trifold/internal/query/columns'
import { operatorsOf } from 'trifold/internal/query/conditions'
import { searchedColumns } from 'trifold/internal/read-model/text-column'
import { readSwitch } from 'trifold/internal/schema/serving'
import { readVerified, type VerifiedFacts } from 'trifold/internal/schema/verifications'
import { targetNamed } from 'trifold/internal/target'
import { servedBy } from 'trifold/internal/toolkit/served'
import type { Caller } from './access.ts'
import type { Api, Named } from './context.ts'
import { mediaTypes } from './exports.ts'
import { definitionFor, grantOf, targetsOf } from './granted.ts'
import { checkParameters } from './request-json.ts'

/** A read model, as a caller sees it. */
export interface ReadModelEntry {
  name: string
  /** The columns that identify a row. */
  key: string[]
  columns: ColumnEntry[]
  targets: TargetEntry[]
  /** Where the days of a `timestamptz` begin, such as `Europe/Vienna`. */
  timeZone: string
  /** What `format` of an export takes. */
  formats: string[]
  /** Most rows and groups of one answer. */
  limits: { rows: number; groups: number }
}

/** A column, and what requests can do with it. */
export interface ColumnEntry {
  name: string
  /** The type of PostgreSQL, such as `numeric`. */
  type: string
  /** What conditions it takes. */
  conditions: readonly string[]
  /** What else it can be used for: `sort`, `group`, `ranges`, `interval` (days), and the names of aggregates. */
  uses: readonly Use[]
}

/** A target, and how far its answers can be trusted. */

export interface TargetEntry {
  /** What a request names as `from`. */
  name: string
  /** Whether it answers requests without `from`. */
  serves: boolean
  /** Milliseconds that it is behind; null if it was not built yet. */
  lag: number | null
  /** What it shows is not older than this: ISO 8601 in UTC. */
  reflectedAt: string | null
  /** The columns that it searches for `text`; none if it has no full text. */
  text: string[]
  /** The last comparison with the definition: its end, the share of the rows, and how many differed and were left so. */
  verified: { at: string; share: number; differing: number } | null
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
  const definition = await definitionFor(api.toolkit, caller, name)
  return {
    name,
    key: definition.key.map((column) => column.name),
    columns: columnEntries(definition),
    targets: await targetEntries(api, definition),
    timeZone: definition.timeZone,
    formats: Object.keys(mediaTypes),
    limits: { rows: api.limits.rows, groups: api.limits.groups },
  }
}

const columnEntries = ({ columns }: Definition): ColumnEntry[] =>
  columns.map((column: Column) => ({
    name: column.name,
    type: column.encoding.pgType,
    conditions: operatorsOf(column),
    uses: usesOf(column),
  }))

async function targetEntries({ toolkit }: Api, definition: Definition): Promise<TargetEntry[]> {
  const { pool, config } = toolkit
  const { readModel: name, columns } = definition
  const model = config.readModels[name] as ReadModel
  const words = searchedColumns(model.targets.search).map((one) => one.column)
  const searched = words.filter((word) => columns.some((column) => column.name === word))
  const targets = targetsOf(toolkit, name)
  const opened = targets.flatMap(({ target }) => toolkit.targets.get(target) ?? [])
  const [freshness, switchedTo, verified] = await Promise.all([
    readFreshness(pool, opened.map(freshTarget)),
    readSwitch(pool, name),
    readVerified(
      pool,
      targets.map(({ target }) => target),
    ),
  ])
  const serving = targetNamed(name, servedBy(model, switchedTo))
  return targets.map(({ target, materializer }) => {
    const { lag, reflectedAt } = freshness.get(target) ?? {}
    return {
      name: materializer,
      serves: target === serving,
      lag: lag === undefined ? null : Math.round(lag),
      reflectedAt: reflectedAt ?? null,
      text: materializer === 'search' ? searched : [],
      verified: verifiedEntry(verified.get(target)),
    }
  })
}

const verifiedEntry = (facts: VerifiedFacts | undefined): TargetEntry['verified'] =>
  facts ? { at: facts.at, share: facts.share, differing: facts.differing } : null
