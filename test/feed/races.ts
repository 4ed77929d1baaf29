// Tickers that are stopped between two of their steps, by a lock on the windows.

import { type Scenario, soon, waitingTickers } from './setting.ts'

/** Two tickers look at different times and store at the same: the one that saw less wins. */
export const race: Scenario = async (setting) => {
  const [first, second, writer] = await Promise.all([setting.process(), setting.process(), setting.writer()])
  const [one, two] = [setting.reader(), setting.reader()]
  const lock = await setting.locked('lock table trifold.windows in exclusive mode')
  await writer.commit('seen by both')
  const firstTick = first.tick()
  await setting.until(waitingTickers(1))
  await writer.commit('seen by the second')
  const secondTick = second.tick()
  await setting.until(waitingTickers(2))
  await lock.release()
  await Promise.all([firstTick, secondTick])
  await one.next(first, 100)
  await two.next(second, 100)
  await soon(first, one, 2)
  await soon(second, two, 2)
  return []
}

const firstWindowOfOneEvent = `
  insert into trifold.windows (id, era, snapshot, first_ordinal, event_count)
  select 1, era, pg_current_snapshot(), 1, 1
  from trifold.windows
  where id = 0`

/** A ticker has found its rows and is held up before it can store their window, and another stores a smaller one. */
export const overtaken: Scenario = async (setting) => {
  const [process, writer] = await Promise.all([setting.process(), setting.writer()])
  const reader = setting.reader()
  await writer.commit('in both')
  const lock = await setting.locked('lock table trifold.windows in exclusive mode')
  await lock.client.query(firstWindowOfOneEvent)
  await writer.commit('in the later')
  const tick = process.tick()
  await setting.until(waitingTickers(1))
  await lock.release()
  await tick
  await soon(process, reader, 2)
  await writer.commit('in none')
  await soon(process, reader, 3)
  return []
}

/** A ticker that has begun is held up before it can read the last window, and another stores the next meanwhile. */
export const heldUp: Scenario = async (setting) => {
  const [process, writer] = await Promise.all([setting.process(), setting.writer()])
  const reader = setting.reader()
  const lock = await setting.locked('lock table trifold.windows in access exclusive mode')
  const tick = process.tick()
  await setting.until(waitingTickers(1))
  await writer.commit('later')
  await lock.client.query(firstWindowOfOneEvent)
  await writer.commit('latest')
  await lock.release()
  await tick
  await soon(process, reader, 2)
  return []
}

/**
 * A ticker dies with its window under way: what it handed on before must not get other numbers later. The held event
 * with the lower position comes in between.
 */
export const dying: Scenario = async (setting) => {
  const [first, second] = await Promise.all([setting.process(), setting.process()])
  const [holder, writer] = await Promise.all([setting.writer(), setting.writer()])
  const [one, two] = [setting.reader(), setting.reader()]
  await holder.run('begin')
  await holder.append('held')
  await writer.commit('free')
  const lock = await setting.locked('lock table trifold.windows in exclusive mode')
  const tick = first.tick().catch(() => {})
  await setting.until(waitingTickers(1))
  await one.next(first, 100).catch(() => false)
  await setting.database.pool.query(`
    select pg_terminate_backend(pid)
    from pg_locks
    join pg_stat_activity using (pid)
    where datname = current_database() and application_name = 'trifold ticker' and not granted`)
  await tick
  await lock.release()
  await holder.run('commit')
  await soon(second, two, 2)
  await soon(second, one, 2)
  return []
}
