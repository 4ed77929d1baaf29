import { dying, heldUp, overtaken, race } from './races.ts'
import { type Scenario, type Setting, soon } from './setting.ts'

const stalled = (soonEnough: boolean, cause: string): string[] =>
  soonEnough ? [] : [`the events of other transactions were not delivered during ${cause}`]

/** One transaction is held open with an event in it; the other's come at once, its own after its commit. */
const held: Scenario = async (setting) => {
  const [process, holder, other] = await Promise.all([setting.process(), setting.writer(), setting.writer()])
  const [early, late] = [setting.reader(), setting.reader()]
  await holder.run('begin')
  await holder.append('held')
  await other.commit('free')
  await other.commit('free', 'other')
  const others = await soon(process, early, 3)
  await holder.run('commit')
  await soon(process, early, 4)
  await soon(process, late, 4)
  return stalled(others, 'a held transaction')
}

/** As {@link held}, by a transaction that is prepared: it is in progress without a connection. */
const prepared: Scenario = async (setting) => {
  const [process, holder, other] = await Promise.all([setting.process(), setting.writer(), setting.writer()])
  const reader = setting.reader()
  const name = `feed_${setting.database.name}`
  await holder.run('begin')
  await holder.append('prepared')
  await holder.run(`prepare transaction '${name}'`)
  await other.commit('free')
  const others = await soon(process, reader, 1)
  await other.run(`commit prepared '${name}'`)
  await soon(process, reader, 2)
  return stalled(others, 'a prepared transaction')
}

/** A concurrent refresh runs, held by a lock: it has a transaction id from the start. */
const refreshing: Scenario = async (setting) => {
  const [process, refresher, other] = await Promise.all([setting.process(), setting.writer(), setting.writer()])
  const reader = setting.reader()
  await refresher.run(`
    drop materialized view if exists held_view;
    create materialized view held_view as
    select 1 as place, pg_advisory_xact_lock_shared(1)::text as held;
    create unique index on held_view (place)`)
  const lock = await setting.locked('select pg_advisory_xact_lock(1)')
  const refresh = refresher.run('refresh materialized view concurrently held_view')
  await setting.until(`exists (
    select from pg_stat_activity
    where datname = current_database()
      and query like 'refresh materialized view conc%'
      and backend_xid is not null
      and wait_event = 'advisory'
  )`)
  await other.commit('free')
  const others = await soon(process, reader, 1)
  await lock.release()
  await refresh
  return stalled(others, 'a running refresh')
}

/** A transaction takes its id first and writes last: its event of the aggregate is the later one. */
const earlyId: Scenario = async (setting) => {
  const [process, early, other] = await Promise.all([setting.process(), setting.writer(), setting.writer()])
  const reader = setting.reader()
  await early.run('begin')
  await early.takeId()
  await other.commit('shared')
  await early.append('shared')
  await early.run('commit')
  await soon(process, reader, 2)
  return []
}

/** Ids, positions and commits in three different orders, with ticks in between. */
const interleaved: Scenario = async (setting) => {
  const [process, a, b, c] = await Promise.all([
    setting.process(),
    setting.writer(),
    setting.writer(),
    setting.writer(),
  ])
  const reader = setting.reader()
  for (const writer of [a, b, c]) {
    await writer.run('begin')
    await writer.takeId()
  }
  await c.append('c')
  await a.append('a')
  await b.append('b')
  await b.append('b')
  for (const writer of [b, a, c]) {
    await writer.run('commit')
    await process.tick()
    await reader.next(process, 1)
  }
  return []
}

/** What is rolled back never comes, and neither it nor the gaps that it leaves hold anything up. */
const rolledBack: Scenario = async (setting) => {
  const [process, writer, other] = await Promise.all([setting.process(), setting.writer(), setting.writer()])
  const reader = setting.reader()
  await writer.run('begin')
  await writer.append('gone')
  await other.commit('kept')
  await process.tick()
  await writer.run('rollback')
  await writer.run('begin')
  await writer.append('before')
  await writer.run('savepoint one')
  await writer.append('gone')
  await writer.run('rollback to one')
  await writer.run('savepoint two')
  await writer.append('within')
  await writer.run('release two')
  await other.commit('kept')
  await process.tick()
  await writer.run('commit')
  return stalled(await soon(process, reader, 4), 'a rollback')
}

/**
 * `xmax` of a snapshot is the last completed id plus one: B runs with an id at or above it and a position below A's.
 * Whether it comes to that depends on no other transaction of the cluster ending in between, so it is tried until it does:
 * for a minute at most.
 */
const hole: Scenario = async (setting) => {
  const [process, a, b] = await Promise.all([setting.process(), setting.writer(), setting.writer()])
  const reader = setting.reader()
  let events = 0
  for (const end = performance.now() + 60_000; performance.now() < end; ) {
    await a.run('begin')
    await a.takeId()
    await b.run('begin')
    const id = await b.takeId()
    await b.append('b')
    await a.append('a')
    await a.run('commit')
    const below = await lastCompletedBelow(setting, id)
    await process.tick()
    await reader.toEnd(process)
    const hit = below && (await stillBelow(setting, id))
    await b.run('commit')
    events += 2
    if (!(await soon(process, reader, events)) || hit) return []
  }
  return ['the interleaving did not come about']
}

const lastCompletedBelow = async (setting: Setting, id: number): Promise<boolean> => {
  const { rows } = await setting.database.pool.query('select pg_snapshot_xmax(pg_current_snapshot())::text as xmax')
  return Number(rows[0].xmax) <= id
}

/** Whether the window just stored was taken before anything above B's id had completed. */
const stillBelow = async (setting: Setting, id: number): Promise<boolean> => {
  const { rows } = await setting.database.pool.query(
    'select pg_snapshot_xmax(snapshot)::text as xmax from trifold.windows order by id desc limit 1',
  )
  return Number(rows[0]?.xmax ?? 0) <= id
}

/** Interleavings that are driven step by step, and the rule that each is about. */
export const scenarios = {
  held: {
    rule: 'delivers the events of others at once while a transaction is held, and its own after its commit',
    run: held,
  },
  prepared: { rule: 'delivers the events of others at once while a transaction is prepared', run: prepared },
  refreshing: { rule: 'delivers at once while a materialized view is refreshed concurrently', run: refreshing },
  earlyId: {
    rule: 'keeps the order of an aggregate when a transaction takes its id early and writes late',
    run: earlyId,
  },
  interleaved: {
    rule: 'delivers once what is committed in another order than ids and positions were taken',
    run: interleaved,
  },
  rolledBack: { rule: 'never delivers what was rolled back, wholly or to a savepoint', run: rolledBack },
  hole: {
    rule: 'delivers an event whose id is at or above xmax and whose position is below the last delivered one',
    run: hole,
  },
  race: { rule: 'hands on the stored window where two tickers race for it', run: race },
  overtaken: { rule: 'stores no window after one that it did not read', run: overtaken },
  heldUp: { rule: 'makes no window of an older snapshot than the one before', run: heldUp },
  dying: { rule: 'hands on no events whose window was not stored', run: dying },
} satisfies Record<string, { rule: string; run: Scenario }>
