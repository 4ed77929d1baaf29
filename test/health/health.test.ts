import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { resolveConfig } from '../../src/config.ts'
import { type Health, startHealth } from '../../src/health.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { startWorker, type Worker } from '../../src/worker.ts'
import { createProject, itemConfig, type Project } from '../cli/project.ts'
import { textOf } from '../project/repository.ts'
import { freePort } from '../support/free-port.ts'
import { Observed } from '../support/observed.ts'

let project: Project
let toolkit: Toolkit
let health: Health
let worker: Worker
const observed = new Observed()

beforeAll(async () => {
  project = await createProject()
  await project.configure(itemConfig(project.database.url))
  toolkit = await openToolkit(
    resolveConfig({
      root: project.folder,
      database: project.database.url,
      events: {
        ItemAdded: {
          '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value: value as object }) },
        },
      },
      readModels: {
        item: {
          key: ['id'],
          targets: { table: {}, view: { every: '200ms' } },
          on: { ItemAdded: (row: object) => ({ kind: 'set', row }) as never },
        },
      },
    } as never),
  )
  health = await startHealth(toolkit, { host: '127.0.0.1', port: 0 })
  worker = await startWorker(toolkit, { observe: [observed.observe, health.observe] })
  await observed.when('target.leased')
  await project.addItem(1, 'one')
  await observed.when('page.applied')
  await observed.when('refresh.finished')
})
afterAll(async () => {
  await worker?.stop()
  await health?.close()
  await toolkit?.close()
  await project?.close()
})

const get = async (path: string, init: RequestInit = {}) => {
  const response = await fetch(`${health.address}${path}`, init)
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() }
}
/** The value of a line of the metrics. */
const sampleOf = (text: string, line: string) =>
  Number(new RegExp(`^${line.replaceAll(/[{}]/g, '\\$&')} (.*)$`, 'm').exec(text)?.[1])

describe('/metrics', () => {
  it('has what the worker has done and what status says', async () => {
    const { status, type, text } = await get('/metrics')
    expect({ status, type }).toEqual({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8' })
    expect(sampleOf(text, 'trifold_status_up')).toBe(1)
    expect(sampleOf(text, 'trifold_target_rows{target="item@table"}')).toBeGreaterThanOrEqual(0)
    expect(sampleOf(text, 'trifold_events_applied_total{target="item@table"}')).toBe(1)
    expect(sampleOf(text, 'trifold_page_seconds_count{target="item@table"}')).toBe(1)
    expect(sampleOf(text, 'trifold_refresh_seconds_count{target="item@view",outcome="finished"}')).toBeGreaterThan(0)
    expect(sampleOf(text, 'trifold_target_lag_seconds{target="item@view"}')).toBeGreaterThan(0)
    expect(sampleOf(text, 'trifold_target_parked_events{target="item@table"}')).toBe(0)
  })

  it('is answered to many who ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => get('/metrics')))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
  })

  it('has every metric that the dashboard and the alert rules name', async () => {
    const { text } = await get('/metrics')
    const exported = new Set(
      [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name, type]) => seriesOf(name!, type!)),
    )
    const unknown = (expressions: string[]) =>
      expressions
        .flatMap((one) => one.match(/\b(?:trifold|nodejs|process)_\w+/g) ?? [])
        .filter((name) => !exported.has(name))
    expect(unknown(dashboardExpressions())).toEqual([])
    expect(unknown(alertExpressions())).toEqual([])
    expect(unknown(['max(trifold_nonsense)'])).toEqual(['trifold_nonsense'])
  })
})

const seriesOf = (name: string, type: string): string[] =>
  type === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name]

function dashboardExpressions(): string[] {
  const { panels, templating } = JSON.parse(textOf('monitoring/grafana.json'))
  const ids = panels.map(({ id }: { id: number }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  const queries = templating.list.map(({ query }: { query: string }) => query)
  return [
    ...panels.flatMap(({ targets }: { targets: { expr: string }[] }) => targets.map(({ expr }) => expr)),
    ...queries,
  ]
}

function alertExpressions(): string[] {
  const { groups } = parse(textOf('monitoring/alerts.yml'))
  const rules = groups.flatMap((group: { rules: object[] }) => group.rules)
  for (const rule of rules)
    expect(rule).toMatchObject({
      alert: expect.stringMatching(/^Trifold\w+$/),
      labels: { severity: expect.stringMatching(/^(warning|critical)$/) },
      annotations: { summary: expect.any(String), description: expect.any(String) },
    })
  return rules.map(({ expr }: { expr: string }) => expr)
}

describe('probes', () => {
  it('/health says that the process goes on', async () => {
    const { status, text } = await get('/health')
    expect(status).toBe(200)
    expect(JSON.parse(text)).toMatchObject({
      ok: true,
      longestBlock: expect.any(Number),
      upSeconds: expect.any(Number),
    })
  })

  it('/ready names the parts and the leases', async () => {
    const { status, text } = await get('/ready')
    expect(status).toBe(200)
    expect(JSON.parse(text)).toEqual({
      ok: true,
      parts: { database: null, search: null, queue: null, eventLoop: null, feed: null, targets: null },
      leases: ['item@table'],
    })
  })

  it('/ready is not while every target has stopped', async () => {
    health.observe({ kind: 'worker.stalled', targets: ['item@table'] })
    const stalled = await get('/ready')
    health.observe({
      kind: 'target.leased',
      target: 'item@table',
      generation: 1,
      epoch: 2,
      era: 1,
      window: 0,
      ordinal: 0,
    })
    expect(stalled.status).toBe(503)
    expect(JSON.parse(stalled.text).parts.targets).toBe('every target has stopped: item@table')
    expect((await get('/ready')).status).toBe(200)
  })

  it.each([
    ['/', {}, 404],
    ['/metrics', { method: 'POST' }, 405],
  ])('answers %s %o with %i', async (path, init, status) => expect((await get(path, init)).status).toBe(status))

  it('cannot listen on a port that is taken', async () => {
    const port = Number(new URL(health.address).port)
    await expect(startHealth(toolkit, { host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'HEALTH_INVALID' })
  })
})

describe('without an engine', () => {
  it('/ready names Redis, /metrics goes on, and without PostgreSQL says that the status is unknown', async () => {
    const redis = `redis://127.0.0.1:${await freePort()}`
    const config = { ...toolkit.config, redis }
    const other = await openToolkit(config)
    const answers = await startHealth(other, { host: '127.0.0.1', port: 0 })
    try {
      const ready = await fetch(`${answers.address}/ready`)
      expect(ready.status).toBe(503)
      expect(((await ready.json()) as { parts: Record<string, string> }).parts.queue).toMatch(
        /^schedule: Redis at .* does not answer/,
      )
      await other.close()
      const metrics = await fetch(`${answers.address}/metrics`)
      expect(metrics.status).toBe(200)
      const text = await metrics.text()
      expect(sampleOf(text, 'trifold_status_up')).toBe(0)
      expect(text).not.toMatch(/^trifold_target_lag_seconds\{/m)
      expect(
        ((await (await fetch(`${answers.address}/ready`)).json()) as { parts: Record<string, string> }).parts.database,
      ).toBeTruthy()
    } finally {
      await answers.close()
    }
  })
})
