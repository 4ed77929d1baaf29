import { afterAll, beforeAll, expect, it } from 'vitest'
import { refresh } from '../../src/operator/refresh.ts'
import { readMarks } from '../../src/schema/suspect-keys.ts'
import { startWorker, type Worker } from '../../src/worker.ts'
import { fewOrMany } from '../support/long.ts'
import { describeWithSearch } from '../support/search.ts'
import { until } from '../support/until.ts'
import { type TargetName, ValueStand } from '../values/stand.ts'

const targets: TargetName[] = ['table', 'view', 'search']

/** What was committed, and the time of the database at which that was known. */
interface Committed {
  id: number
  at: string
}

/** What somebody was shown. */
interface Shown {
  by: string
  asOf: string
  ids: Set<number>
}

/** Rows that an answer lacks although they had committed at its time. Times have microseconds, so they compare as text. */
const missing = (written: readonly Committed[], { asOf, ids }: Shown): Committed[] =>
  written.filter(({ id, at }) => at < asOf && !ids.has(id))

/** The same moment, written with microseconds. */
const inMicroseconds = (time: string): string => time.replace('Z', '000Z')

describeWithSearch('The age of an answer', () => {
  let stand: ValueStand
  let worker: Worker
  const written: Committed[] = []

  beforeAll(async () => {
    stand = await ValueStand.open('create table t (id integer primary key, at timestamptz not null)', undefined, {
      targets: { table: {}, view: { every: '1h' }, search: { indexRefresh: '5ms' } },
    })
    await stand.rebuild('table', 'view', 'search')
    worker = await startWorker(stand.toolkit as never, { targets: ['m@table', 'm@search'] })
  })
  afterAll(async () => {
    await worker?.stop()
    await stand?.close()
  })

  const reader = () =>
    stand.toolkit.readModel('m') as unknown as {
      find(request: object): Promise<{ rows: { id: number }[]; asOf: string; lag: number; snapshot: string }>
      summarize(request: object): Promise<{ groups: { count: number }[]; asOf: string; lag: number }>
    }

  /** In a transaction that stays open for a while, so that others overtake it. */
  async function write(id: number, held = 0): Promise<void> {
    const row = await stand.pool.query(`select to_json(clock_timestamp()) #>> '{}' as at`)
    await stand.write(`insert into t select $1, $2::timestamptz from pg_sleep($3)`, [id, row.rows[0].at, held], {
      type: 'Set',
      aggregate: `t:${id}`,
      payload: { row: { id, at: row.rows[0].at } },
    })
    const { rows } = await stand.pool.query(
      `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at`,
    )
    written.push({ id, at: rows[0].at })
  }

  async function ask(from: TargetName): Promise<Shown> {
    const { rows, asOf } = await reader().find({ from, limit: 10_000 })
    return { by: from, asOf: inMicroseconds(asOf), ids: new Set(rows.map(({ id }) => id)) }
  }

  /** As an analyst asks, in one statement. */
  async function askInSql(name: string): Promise<Shown> {
    const { rows } = await stand.pool.query(
      `select
        to_char(trifold.as_of('${name}') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "asOf",
        (select json_agg(id) from ${name})::text as ids`,
    )
    return { by: name, asOf: rows[0].asOf, ids: new Set(JSON.parse(rows[0].ids ?? '[]')) }
  }

  const asks: (() => Promise<Shown>)[] = [
    ...targets.map((from) => () => ask(from)),
    ...['m', 'm__view'].map((name) => () => askInSql(name)),
  ]

  it('is never too new: what had committed at its time is in the answer, whoever writes meanwhile', async () => {
    const seen: Shown[] = []
    let writing = true
    const writers = [0, 0.003, 0.02].map(async (held, place) => {
      for (let step = 0; step < fewOrMany(60, 600); step++) await write(10_000 * (place + 1) + step, held)
    })
    const others = [
      ...asks.map(async (one) => {
        while (writing) seen.push(await one())
      }),
      (async () => {
        while (writing) await refresh(stand.toolkit, 'm@view')
      })(),
    ]
    await Promise.all(writers).finally(() => {
      writing = false
    })
    await Promise.all(others)
    await refresh(stand.toolkit, 'm@view')
    const last = written
      .map(({ at }) => at)
      .sort()
      .at(-1) as string
    for (const one of asks)
      await until('an answer is complete up to the last commit', async () => {
        const shown = await one()
        seen.push(shown)
        return shown.asOf > last
      })
    for (const shown of seen) expect({ ...shown, missing: missing(written, shown) }).toMatchObject({ missing: [] })
    for (const { by } of seen.slice(-asks.length))
      expect(new Set(seen.filter((one) => one.by === by).map(({ asOf }) => asOf)).size).toBeGreaterThan(2)
  })

  /** Between the rows of an answer and what follows them, another row is committed and shown. */
  async function whileRowsCome(from: TargetName, id: number, read: () => Promise<Shown>): Promise<Shown> {
    const target = stand.toolkit.target(`m@${from}`)
    const { checkFind } = target
    target.checkFind = (request) => {
      const checked = checkFind(request)
      const answer = async () => {
        const rows = await checked.answer()
        target.checkFind = checkFind
        await write(id)
        const { at } = written.at(-1) as Committed
        if (from === 'view') await refresh(stand.toolkit, 'm@view')
        await until('the row is shown', async () => (await ask(from)).asOf > at)
        return rows
      }
      return { ...checked, answer }
    }
    return read()
  }

  it.each(targets)(
    'of a %s is that of before, if a row is committed and shown while the answer comes',
    async (from) => {
      const shown = await whileRowsCome(from, 1 + targets.indexOf(from), () => ask(from))
      expect(missing(written, shown)).toEqual([])
    },
  )

  it.each(targets)('of a %s is too new if it is read after the rows: a wrong way', async (from) => {
    const id = 11 + targets.indexOf(from)
    const target = `m@${from}`
    const readAfter = async (): Promise<Shown> => {
      const rows = await stand.toolkit.target(target).checkFind({ limit: 10_000 }).answer()
      const { asOf } = await readMarks(stand.toolkit.pool, { target, key: undefined, readModel: 'm' })
      return { by: from, asOf: inMicroseconds(asOf as string), ids: new Set(rows.rows.map((row) => row.id as number)) }
    }
    expect(missing(written, await whileRowsCome(from, id, readAfter)).map((one) => one.id)).toContain(id)
  })

  it.each(targets)(
    'is the same for rows and sums of a %s: a time, a snapshot, and milliseconds of lag',
    async (from) => {
      const form = {
        asOf: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        snapshot: expect.stringMatching(/^\d+:\d+:[\d,]*$/),
        lag: expect.any(Number),
      }
      expect(await reader().find({ from, limit: 1 })).toMatchObject(form)
      expect(await reader().summarize({ from })).toMatchObject(form)
    },
  )

  it('has a lag while an event waits, and none once it is shown', async () => {
    const caughtUp = () =>
      until('nothing waits', async () => (await reader().find({ from: 'table', limit: 1 })).lag === 0)
    await caughtUp()
    await worker.stop()
    await write(100)
    expect((await reader().find({ from: 'table' })).lag).toBeGreaterThan(0)
    expect((await reader().find({ from: 'search' })).lag).toBeGreaterThan(0)
    worker = await startWorker(stand.toolkit as never, { targets: ['m@table', 'm@search'] })
    await caughtUp()
  })

  it('in SQL is for names of Trifold only, and for roles that may do nothing but read the name', async () => {
    await expect(stand.pool.query(`select trifold.as_of('t')`)).rejects.toThrow(
      /as_of: public.t is not a name of Trifold/,
    )
    await expect(stand.pool.query(`select trifold.as_of('none')`)).rejects.toThrow(/relation "none" does not exist/)
    const role = `analyst_${stand.database.name.slice(-12)}`
    await stand.pool.query(
      `create role ${role}; grant usage on schema trifold to ${role}; grant select on m to ${role}`,
    )
    const client = await stand.pool.connect()
    try {
      await client.query(`comment on view m is 'The application says something else.'; set role ${role}`)
      const { rows } = await client.query(`select trifold.as_of('m') <= clock_timestamp() as known from m limit 1`)
      expect(rows).toEqual([{ known: 't' }])
      await expect(client.query('select from trifold.outbox')).rejects.toThrow(/permission denied/)
    } finally {
      await client.query(`reset role; drop owned by ${role}; drop role ${role}`)
      client.release()
    }
  })
})
