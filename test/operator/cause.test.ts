import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CauseEvidence, causeOf } from '../../src/operator/status/cause.ts'
import { changedDuration, tooShort } from '../../src/operator/status/duration.ts'
import { someOrAll } from '../support/long.ts'
import { type CauseStand, createCauseStand } from './cause-stand.ts'

const seed = Number(process.env.TRIFOLD_SEED ?? randomInt(1_000))

/** What is done to the view, the sentence that says so, and how it is undone. */
interface Case {
  name: string
  kind: Parameters<CauseStand['whenCause']>[0]
  does(stand: CauseStand): Promise<() => Promise<unknown>>
  says: RegExp
}

const cases: Case[] = [
  {
    name: 'a lock on its table',
    kind: 'lock',
    async does({ project }) {
      const locker = await project.database.pool.connect()
      await locker.query(`set application_name = 'nightly import'`)
      await locker.query('begin; lock table public.items in access exclusive mode')
      return async () => {
        await locker.query('rollback')
        locker.release()
      }
    },
    says: /nightly import \(pid \d+\) since 20\S+Z: begin; lock table public\.items/,
  },
  {
    name: 'a definition that fails',
    kind: 'failing',
    async does(stand) {
      await stand.dial({ errcode: '22012' })
      return () => stand.dial({})
    },
    says: /it fails: view: the refresh of item@view failed: as dialled; .* \[22012\]; it is tried again at 20/,
  },
  {
    name: 'a worker that was asked to stop',
    kind: 'worker-missing',
    async does(stand) {
      stand.worker.child.kill('SIGTERM')
      await stand.worker.ended
      return () => stand.startWorker()
    },
    says: /^no worker keeps it/,
  },
  {
    name: 'a worker that is frozen',
    kind: 'worker-frozen',
    async does(stand) {
      const { pid } = await stand.worker.whenObserved('worker.started')
      process.kill(pid, 'SIGSTOP')
      return async () => process.kill(pid, 'SIGCONT')
    },
    says: /its worker \S+ has connections but has said nothing for \d/,
  },
  {
    name: 'an engine that takes far longer for as many rows',
    kind: 'slow-engine',
    async does(stand) {
      await stand.dial({ sleep: 9 })
      return () => stand.dial({})
    },
    says: /its refreshes took .* and take .* now, with as many rows|its refresh has been building since/,
  },
]

describe(`why a view is late (TRIFOLD_SEED=${seed})`, () => {
  let stand: CauseStand
  beforeAll(async () => {
    stand = await createCauseStand()
    await stand.whenGreen()
    await stand.worker.whenObserved('refresh.finished')
  })
  afterAll(() => stand?.close())

  it.each(someOrAll(cases, seed, 2))('is $name', async ({ kind, does, says }) => {
    const undo = await does(stand)
    try {
      const { sentence, sessions } = await stand.whenCause(kind)
      expect(sentence).toMatch(says)
      expect(sessions.length > 0).toBe(kind === 'lock')
      expect((await stand.project.cli('status')).out).toContain(`why (${kind}): `)
    } finally {
      await undo()
    }
    await stand.whenGreen()
    expect(await stand.look()).toMatchObject({ cause: null })
  })

  it('is a full disk, of which the refresh says so', async () => {
    stand.worker.child.kill('SIGTERM')
    await stand.worker.ended
    await stand.dial({ errcode: '53100' })
    expect((await stand.project.cli('refresh', 'item@view')).code).toBe(1)
    expect(await stand.whenCause('disk-full')).toMatchObject({
      sqlState: '53100',
      sentence: expect.stringMatching(/^the disk of PostgreSQL is full: /),
    })
  })
})

describe('what the durations of refreshes tell', () => {
  const past = (milliseconds: number, rows: number) => ({ milliseconds, rows })
  const of = (now: [number, number], before: [number, number]) => [
    ...Array.from({ length: 4 }, () => past(...now)),
    ...Array.from({ length: 4 }, () => past(...before)),
  ]

  it.each([
    [
      'grown with their rows',
      of([9_000, 30_000], [3_000, 10_000]),
      'growth',
      'from 3 s to 9 s with its rows, from 10,000 to 30,000',
    ],
    ['grown without rows', of([9_000, 10_000], [3_000, 10_000]), 'slow-engine', 'took 3 s and take 9 s now'],
  ] as const)('is that they have %s', (_, durations, kind, words) => {
    expect(changedDuration(durations)).toMatchObject({ kind, sentence: expect.stringContaining(words) })
  })

  it('is nothing if they are as they were, or few', () => {
    expect(changedDuration(of([3_100, 10_000], [3_000, 9_000]))).toBeUndefined()
    expect(changedDuration([past(9_000, 10), past(1_000, 10)])).toBeUndefined()
  })

  it('is an interval that is too short for them', () => {
    const durations = of([4_000, 10], [4_000, 10])
    expect(tooShort(durations, { kind: 'every', ms: 4_000 })?.sentence).toContain('take 4 s, too long for every 4 s')
    expect(tooShort(durations, { kind: 'lag', ms: 9_000 })?.kind).toBe('short-interval')
    expect(tooShort(durations, { kind: 'every', ms: 30_000 })).toBeUndefined()
  })
})

describe('a view that is due', () => {
  const now = '2026-01-01T12:00:00.000Z'
  const schedule = { target: 'item@view', timing: { kind: 'every', ms: 30_000 }, isRunning: true, paused: false }
  const asked = (facts: object) =>
    ({
      judged: { state: 'behind', verdict: 'yellow', reason: '' },
      evidence: { target: 'item@view', fedBy: 'schedule', lag: 90_000, now, schedule, generation: {} },
      locks: [],
      facts: {
        runs: [],
        blockers: new Map(),
        durations: new Map(),
        workers: [],
        presence: new Map(),
        oldest: undefined,
        ...facts,
      },
    }) as unknown as CauseEvidence

  it('waits behind others', () => {
    const runs = [{ target: 'sales@view', phase: 'building' }]
    expect(causeOf(asked({ runs }))).toMatchObject({
      kind: 'queue',
      sentence:
        'a refresh is due (every 30 s, it shows the tables as of 90 s ago) and waits behind the refreshes of sales@view',
    })
  })

  it('waits in a queue of which no worker takes it', () => {
    expect(causeOf(asked({}))).toMatchObject({
      kind: 'queue',
      sentence: expect.stringContaining('no worker has taken its job'),
    })
  })

  it('is kept by a worker whose event loop is blocked', () => {
    const workers = [{ id: 'host:7:abc', seenAgo: 900, blocked: 3_000 }]
    const presence = new Map([['item@view', 'host:7:']])
    expect(causeOf(asked({ workers, presence }))).toMatchObject({
      kind: 'worker-overloaded',
      sentence: expect.stringContaining('for 3 s'),
    })
  })

  it('is held back by a transaction that has been open for long', () => {
    const oldest = { pid: 7, application: 'report', query: 'select 1', since: now }
    expect(causeOf(asked({ oldest }))).toMatchObject({ kind: 'long-transaction', sessions: [oldest] })
  })
})
