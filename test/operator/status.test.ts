import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type Evidence, judge } from '../../src/operator/status/judge.ts'
import type { TargetStatus } from '../../src/operator/status.ts'
import { createProject, itemConfig, type Project } from '../cli/project.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../support/search.ts'
import { until } from '../support/until.ts'

const now = '2026-01-01T12:00:00.000Z'
const ago = (seconds: number) => new Date(Date.parse(now) - seconds * 1_000).toISOString()
const generation = {
  number: 1,
  reason: 'no generation',
  definitionVersion: 1,
  builtAt: ago(3_600),
  servedAt: ago(3_600),
}
const consumer = {
  era: 1,
  epoch: 2,
  window: 5,
  ordinal: 10,
  handlersVersion: 1,
  owner: 'host:1:abc',
  held: true,
  isConnected: true,
  leaseUntil: ago(-10),
  appliedAt: ago(1),
}
const fed: Evidence = {
  target: 'item@table',
  fedBy: 'events',
  lag: 0,
  eventsWaiting: 0,
  generation,
  rebuilding: false,
  parked: { events: 0, suspectKeys: 0, allSuspect: false },
  buildFailure: undefined,
  trouble: undefined,
  refreshing: false,
  consumer,
  failure: undefined,
  detachedSince: undefined,
  detachment: undefined,
  lastRefresh: undefined,
  handlersConfigured: 1,
  schedule: undefined,
  queueProblem: undefined,
  now,
  problem: undefined,
  newer: undefined,
  changedSettings: undefined,
}
const lost = { ...consumer, held: false, owner: undefined, leaseUntil: ago(12) }
const behind = { lag: 34_000, eventsWaiting: 3 }

describe('the verdict on a target fed by events', () => {
  it.each([
    ['shows every event', {}, 'idle', 'green', 'it shows every event'],
    ['is a moment behind', { lag: 40, eventsWaiting: 1 }, 'running', 'green', '1 event behind, the oldest 40 ms old'],
    ['is catching up', behind, 'behind', 'yellow', '3 events behind, the oldest 34 s old; it is catching up'],
    [
      'is held by a consumer that hangs',
      { ...behind, consumer: { ...consumer, appliedAt: ago(31) } },
      'behind',
      'red',
      '3 events behind, the oldest 34 s old, and its consumer has applied nothing for 31 s',
    ],
    [
      'has no worker, with nothing to do',
      { consumer: lost },
      'idle',
      'yellow',
      'it shows every event, but no worker keeps it',
    ],
    [
      'has no worker while events wait',
      { ...behind, consumer: lost },
      'stopped',
      'red',
      `and no worker keeps it, the last lease ran out at ${ago(12)}; start \`trifold worker\``,
    ],
    [
      'stopped at an event',
      {
        ...behind,
        consumer: lost,
        failure: { code: 'HANDLER_FAILED', message: 'the handler failed at event 11', at: now },
      },
      'stopped',
      'red',
      `it stopped at ${now}: the handler failed at event 11`,
    ],
    [
      'is rebuilt beside what serves',
      { ...behind, consumer: lost, rebuilding: true },
      'building',
      'yellow',
      'the one before serves',
    ],
    [
      'was never built',
      { generation: undefined, consumer: undefined },
      'missing',
      'red',
      'run `trifold rebuild item@table`',
    ],
    [
      'is built for the first time',
      { generation: undefined, rebuilding: true },
      'building',
      'yellow',
      'first build is under way',
    ],
    [
      'could not be built',
      {
        generation: undefined,
        consumer: undefined,
        buildFailure: { code: 'SEARCH_FAILED', message: 'this cluster has 1000 of 1000 shards', at: now },
      },
      'missing',
      'red',
      'its first build failed: this cluster has 1000 of 1000 shards',
    ],
    [
      'could not be rebuilt',
      { buildFailure: { code: 'KEY_INVALID', message: 'the key is not unique', at: now } },
      'idle',
      'yellow',
      'its last rebuild failed: the key is not unique',
    ],
    [
      'has an index without its alias',
      { storageProblem: { verdict: 'red', reason: 'the alias item is missing' } },
      'stopped',
      'red',
      'the alias item is missing',
    ],
    [
      'has an index without its copies',
      { storageProblem: { verdict: 'yellow', reason: 'the index is yellow' } },
      'idle',
      'yellow',
      'the index is yellow',
    ],
    [
      'has rows that differ from the definition',
      { verified: { at: now, share: 0.5, milliseconds: 3_600_000, differing: 2, repaired: 0 } },
      'idle',
      'yellow',
      `2 rows differ from its definition at ${now.slice(11, 16)} UTC, 50 % in 60 min; run \`trifold verify item@table --repair\``,
    ],
    ['waits for newer handlers', { consumer: { ...lost, handlersVersion: 2 } }, 'stopped', 'red', 'handlers version 2'],
    ['cannot be reached', { problem: { message: 'no answer' } }, 'stopped', 'red', 'no answer'],
    [
      'has a newer definition',
      { newer: 'definition v02' },
      'idle',
      'yellow',
      'definition v02 is newer than what serves',
    ],
    [
      'is red in spite of a newer definition',
      { ...behind, consumer: lost, newer: 'definition v02' },
      'stopped',
      'red',
      'no worker',
    ],
  ] as const)('where it %s', async (_, facts, state, verdict, reason) => {
    const judged = await judge({ ...fed, ...facts } as Evidence)
    expect(judged).toMatchObject({ state, verdict, reason: expect.stringContaining(reason) })
  })
})

describe('the verdict on a view', () => {
  const lastRefresh = {
    cause: 'schedule' as const,
    mode: 'concurrently' as const,
    outcome: 'refreshed' as const,
    error: undefined,
    code: undefined,
    sqlState: undefined,
    attempt: 1,
    startedAt: ago(20.5),
    finishedAt: ago(20),
    milliseconds: 500,
    rows: 10,
    typicalMilliseconds: 450,
  }
  const schedule = {
    target: 'item@view',
    timing: { kind: 'every' as const, ms: 30_000 },
    paused: false,
    source: 'config' as const,
    isRunning: true,
    isDetached: false,
    pace: undefined,
    last: undefined,
    updatedAt: ago(3_600),
    nextAt: undefined,
    problem: undefined,
  }
  const lagging = { ...schedule, timing: { kind: 'lag' as const, ms: 30_000 } }
  const view: Evidence = { ...fed, target: 'item@view', fedBy: 'schedule', consumer: undefined, lastRefresh, schedule }

  it.each([
    ['is as old as its refresh', { lag: 20_000 }, 'idle', 'green', 'it shows the tables as of 20 s ago'],
    ['is being refreshed', { lag: 20_000, refreshing: true }, 'running', 'green', 'a refresh is under way'],
    [
      'failed to refresh',
      { lastRefresh: { ...lastRefresh, outcome: 'failed', error: 'canceled by statement timeout' } },
      'stopped',
      'red',
      'its last refresh failed: canceled by statement timeout',
    ],
    [
      'failed to refresh and tries again',
      { refreshing: true, lastRefresh: { ...lastRefresh, outcome: 'failed', error: 'canceled by statement timeout' } },
      'stopped',
      'red',
      'canceled by statement timeout; another refresh is under way',
    ],
    [
      'is refreshed for longer than its interval',
      { lag: 200_000, refreshing: true, lastRefresh: { ...lastRefresh, finishedAt: ago(200) } },
      'behind',
      'yellow',
      'the next is overdue',
    ],
    [
      'is overdue by three short intervals',
      {
        lag: 21_000,
        lastRefresh: { ...lastRefresh, finishedAt: ago(21) },
        schedule: { ...schedule, timing: { kind: 'every', ms: 4_000 } },
      },
      'behind',
      'red',
      'its refresh is overdue by ',
    ],
    [
      'is overdue',
      { lag: 100_000, lastRefresh: { ...lastRefresh, startedAt: ago(121), finishedAt: ago(120) } },
      'behind',
      'red',
      'its refresh is overdue by ',
    ],
    [
      'is kept by no worker',
      { schedule: { ...schedule, isRunning: false } },
      'idle',
      'yellow',
      'no worker runs its schedule; start `trifold worker`',
    ],
    [
      'is kept by no worker, because Redis is away',
      { schedule: { ...schedule, isRunning: false }, queueProblem: 'Redis at x does not answer' },
      'idle',
      'yellow',
      'no worker runs its schedule: Redis at x does not answer',
    ],
    ['is within its lag', { lag: 29_000, schedule: lagging }, 'idle', 'green', 'it shows the tables as of 29 s ago'],
    ['is beyond its lag', { lag: 76_000, schedule: lagging }, 'behind', 'red', 'its refresh is overdue by 46 s'],
    ['is paused', { schedule: { ...schedule, paused: true } }, 'idle', 'yellow', '`trifold schedule resume item@view`'],
    ['has no schedule', { schedule: undefined }, 'idle', 'green', 'refreshed by `trifold refresh item@view`'],
  ] as const)('where it %s', async (_, facts, state, verdict, reason) => {
    const judged = await judge({ ...view, ...facts } as Evidence)
    expect(judged).toMatchObject({ state, verdict, reason: expect.stringContaining(reason) })
  })

  it('waits for a schedule that was only just set', async () => {
    const old = { ...lastRefresh, finishedAt: ago(3_600) }
    const tuned = { ...schedule, updatedAt: ago(2) }
    expect(await judge({ ...view, lastRefresh: old, schedule: tuned })).toMatchObject({ verdict: 'green' })
  })
})

describe('status of a database', () => {
  let project: Project
  beforeAll(async () => {
    project = await createProject()
    await project.database.pool.query(
      `insert into public.items select n, 'item ' || n from generate_series(1, 50) as n`,
    )
    await project.cli('rebuild', '--outdated')
  })
  afterAll(() => project.close())

  const look = async () => {
    const { targets } = JSON.parse((await project.cli('status', '--json')).out) as { targets: TargetStatus[] }
    return Object.fromEntries(targets.map((target) => [target.materializer, target])) as Record<string, TargetStatus>
  }

  it('is yellow where nobody keeps what is current', async () => {
    const { table, view } = await look()
    expect(table).toMatchObject({ state: 'idle', verdict: 'yellow', lag: 0, eventsWaiting: 0 })
    expect(view).toMatchObject({ state: 'idle', verdict: 'green', record: 'refresh', rows: 50 })
  })

  it('counts events that no window holds yet, by the clock of the database', async () => {
    await project.addItem(51, 'waiting')
    await project.database.pool.query(`update trifold.outbox set appended_at = clock_timestamp() - interval '90 s'`)
    const { table } = await look()
    expect(table).toMatchObject({ state: 'stopped', verdict: 'red', eventsWaiting: 1 })
    expect(table?.lag).toBeGreaterThan(90_000)
    expect(table?.lag).toBeLessThan(100_000)
  })

  it('shows the age of the last refresh of a view, whether events wait or not', async () => {
    await project.database.pool.query(
      `update trifold.generations set snapshot_at = clock_timestamp() - interval '40 s' where target = 'item@view'`,
    )
    const { view } = await look()
    expect(view).toMatchObject({
      verdict: 'green',
      reason: expect.stringMatching(/^it shows the tables as of 4\d(\.\d)? s ago/),
    })
    expect(view?.eventsWaiting).toBeNull()
    expect(view?.lag).toBeGreaterThan(40_000)
    expect(view?.lag).toBeLessThan(50_000)
  })

  it('leaves out what has not committed', async () => {
    const client = await project.database.pool.connect()
    try {
      await client.query('begin')
      await client.query(
        `insert into trifold.outbox (era, type, aggregate, payload) values (1, 'ItemAdded', 'item:9', '{}')`,
      )
      expect((await look()).table?.eventsWaiting).toBe(1)
    } finally {
      await client.query('rollback')
      client.release()
    }
  })

  it('is green again once a worker has caught up and the view was refreshed', async () => {
    const worker = project.start(['worker', '--json'])
    await worker.whenObserved('target.leased')
    await project.cli('refresh', 'item@view')
    await until('it has caught up', async () => (await look()).table?.lag === 0)
    const { table, view } = await look()
    expect(table).toMatchObject({ state: 'idle', verdict: 'green', eventsWaiting: 0, consumer: { held: true } })
    expect(view).toMatchObject({ verdict: 'green', lastRefresh: { outcome: 'refreshed' } })
    await expectFailureShown()
    worker.child.kill('SIGKILL')
    await worker.ended
  })

  /** Of two rebuilds at once the one that comes second is discarded: that says nothing about what the first one served. */
  const expectFailureShown = async () => {
    const { rows } = await project.database.pool.query(
      `insert into trifold.generations
        (target, number, storage, state, reason, definition_version, definition_hash, columns, failure, created_at)
      select target, number + 1, storage || '_next', 'dropped', 'test', 1, '', '[]', '{"message": "overtaken"}', served_at - interval '1 s'
      from trifold.generations
      where target = 'item@table' and state = 'serving'
      returning id`,
    )
    expect((await look()).table).toMatchObject({ verdict: 'green', buildFailure: null })
    await project.database.pool.query('update trifold.generations set created_at = now() where id = $1', [rows[0].id])
    expect((await look()).table).toMatchObject({ verdict: 'yellow', reason: 'its last rebuild failed: overtaken' })
    await project.database.pool.query('delete from trifold.generations where id = $1', [rows[0].id])
  }

  it('sees at once that a worker was killed', async () => {
    await project.addItem(52, 'nobody there')
    const { table } = await look()
    expect(table).toMatchObject({ state: 'stopped', verdict: 'red', eventsWaiting: 1, consumer: { held: false } })
  })

  it('shows a released definition that was edited', async () => {
    await project.write('views/item_v01.sql', 'select id, name from public.items where id > 0')
    const { code, out } = await project.cli('status')
    expect(code).toBe(1)
    expect(out).toMatch(/item@table: definition: item@table: .*item_v01\.sql was edited after release; undo the edit/)
    await project.write('views/item_v01.sql', 'select id, name from public.items')
  })
})

describeWithSearch('status without OpenSearch', () => {
  let project: Project
  let search: TestSearch
  beforeAll(async () => {
    project = await createProject()
    search = createSearch()
    await configure(inject('openSearchUrl'))
    await project.cli('rebuild', '--outdated')
  })
  afterAll(async () => {
    await search.close()
    await project.close()
  })

  const configure = (address: string) =>
    project.configure(
      itemConfig(
        project.database.url,
        'targets: { table: {}, view: {}, search: {} },',
        `search: '${address}', indexPrefix: '${search.prefix}',`,
      ),
    )

  it('makes the index red and leaves the others as they are', async () => {
    expect((await project.cli('status')).code).toBe(0)
    await configure('http://127.0.0.1:1')
    const { code, out } = await project.cli('status', '--json')
    expect(code).toBe(1)
    const { targets, verdict } = JSON.parse(out) as { verdict: string; targets: TargetStatus[] }
    expect(verdict).toBe('red')
    expect(targets.map((target) => [target.target, target.verdict])).toEqual([
      ['item@table', 'yellow'],
      ['item@view', 'green'],
      ['item@search', 'red'],
    ])
    expect(targets[2]?.reason).toMatch(/127\.0\.0\.1:1\/? did not answer .*check OPENSEARCH_URL/)
  })
})
