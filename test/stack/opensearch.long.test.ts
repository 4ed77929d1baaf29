import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type Stack, startStack } from '../../packages/stack/src/index.ts'
import { processLives } from '../../packages/stack/src/orphans.ts'
import { exists, ownEngines } from './child.ts'

type Breakers = Record<'parent', { estimated_size_in_bytes: number }>

let stack: Stack | undefined

beforeAll(async () => {
  if (inject('openSearchUrl') !== '') stack = await startStack({ env: ownEngines(), postgres: false })
})

afterAll(() => stack?.stop())

test('runs the official distribution with its modules, makes no index by itself, and stops without a trace', async (context) => {
  if (stack === undefined) return context.skip(inject('openSearchUnavailable'))
  expect(stack.openSearchUnavailable).toBeUndefined()
  const engine = stack.engines[0]!
  const ask = async (path: string, body?: unknown) => {
    const put = { method: 'PUT', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    const response = await fetch(`${engine.url}${path}`, body === undefined ? {} : put)
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  expect((await ask('/')).body).toMatchObject({ version: { number: engine.version, distribution: 'opensearch' } })
  const modules = (await ask('/_nodes/plugins')).body.nodes as Record<string, { modules: { name: string }[] }>
  const names = Object.values(modules)[0]?.modules.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['lang-painless', 'analysis-common', 'reindex', 'parent-join']))
  expect(await ask('/nobody_made_me/_doc/1', { a: 1 })).toMatchObject({ status: 404 })
  expect(await ask('/made', { settings: { number_of_replicas: 0 } })).toMatchObject({ status: 200 })
  expect(await ask('/made/_doc/1?refresh=true', { a: 1 })).toMatchObject({ status: 201 })
  // Only what requests reserve counts against the limit of the heap, not the garbage in it.
  const stats = (await ask('/_nodes/stats/breaker')).body.nodes as Record<string, { breakers: Breakers }>
  expect(Object.values(stats)[0]?.breakers.parent.estimated_size_in_bytes).toBeLessThan(1_000_000)
  await stack.stop()
  expect(processLives(engine.pid)).toBe(false)
  expect(await exists(engine.folder)).toBe(false)
})
