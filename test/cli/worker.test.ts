import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../support/until.ts'
import { createProject, itemConfig, type Project, type Started } from './project.ts'

let project: Project
beforeEach(async () => {
  project = await createProject()
  await project.database.pool.query(`insert into public.items select n, 'item ' || n from generate_series(1, 50) as n`)
})
afterEach(() => project.close())

const onlyTable = (more = '') => itemConfig(project.database.url, `targets: { table: {} }, ${more}`)
const consumes = async () => {
  const { rowCount } = await project.database.pool.query(
    `select
    from trifold.consumers
    join trifold.generations on generations.id = generation_id
    where state = 'serving'
      and owner is not null`,
  )
  return rowCount === 1
}
const rowsOf = async (relation: string) =>
  (await project.database.pool.query(`select id, name from ${relation} order by id`)).rows

/** A worker in the middle of a refresh that takes so many seconds. */
async function startSlowRefresh(
  seconds: number,
  options: string[] = [],
  processOptions: { detached?: boolean } = {},
): Promise<Started> {
  await project.write(
    'views/item_v01.sql',
    `select id, name from public.items where id <= 50 or pg_sleep(${seconds}) is not null`,
  )
  await project.configure(itemConfig(project.database.url, `targets: { view: { every: '100ms' } },`))
  const worker = project.start(['worker', '--json', ...options], {}, processOptions)
  await worker.whenObserved('rebuild.finished')
  await project.database.pool.query(`insert into public.items values (51, 'slow')`)
  await until('a refresh', async () => {
    const { rowCount } = await project.database.pool.query(
      `select
      from pg_stat_activity
      where datname = current_database()
        and query like 'refresh materialized view%'
        and wait_event = 'PgSleep'`,
    )
    return rowCount === 1
  })
  return worker
}

describe('trifold worker', () => {
  it('builds, applies what comes, and on SIGTERM gives its leases back and ends with 0', async () => {
    const worker = project.start(['worker', '--verbose'])
    await until('the lease', consumes)
    await project.addItem(51, 'fifty-one')
    await until('the event', async () => (await rowsOf('public.item__table')).length === 51)
    worker.child.kill('SIGTERM')
    const { code, out, err } = await worker.ended
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^\d\d:\d\d:\d\d {2}worker +runs item@table, item@view \(process \d+\)$/m)
    expect(out).toMatch(/^\d\d:\d\d:\d\d {2}item@table +built 50 of 50 \(100 %\)$/m)
    expect(out).toMatch(/item@table +applied 1 event to 1 key in [\d.]+ m?s, up to event 1$/m)
    expect(out).toMatch(/worker +SIGTERM: finishing what is under way\n(?:.*\n)*.*worker +stopped after [\d.]+ m?s\n$/)
    const { rows } = await project.database.pool.query('select owner, lease_until::text from trifold.consumers')
    expect(rows).toEqual([{ owner: null, lease_until: '-infinity' }])
  })

  it('logs one JSON object a line with --json', async () => {
    const worker = project.start(['worker', '--json', '--only', 'item@table'])
    await worker.whenObserved('target.leased')
    worker.child.kill('SIGINT')
    const { code, out } = await worker.ended
    expect(code).toBe(0)
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines[0]).toMatchObject({ level: 'info', kind: 'worker.started', targets: ['item@table'] })
    expect(lines[0].pid).not.toBe(worker.child.pid) // the worker runs in a process of its own, which can be started again
    expect(lines).toContainEqual(
      expect.objectContaining({ kind: 'rebuild.progressed', target: 'item@table', rows: 50, total: 50 }),
    )
    expect(lines.at(-2)).toMatchObject({ kind: 'worker.stopping', reason: 'SIGINT' })
    expect(lines.at(-1)).toMatchObject({ kind: 'worker.stopped', ms: expect.any(Number) })
    expect(lines.some(({ target }) => target === 'item@view')).toBe(false)
    expect(lines.some(({ kind }) => kind === 'page.applied')).toBe(false)
    for (const line of lines) expect(line.at).toMatch(/^\d{4}-.*Z$/)
  })

  it('finishes the refresh under way before it ends', async () => {
    const worker = await startSlowRefresh(2)
    worker.child.kill('SIGTERM')
    expect(await worker.ended).toMatchObject({ code: 0 })
    expect(await rowsOf('public.item__view')).toHaveLength(51)
    const { rows } = await project.database.pool.query('select distinct outcome from trifold.refreshes')
    expect(rows).toEqual([{ outcome: 'refreshed' }])
  })

  it('ends with 1 if that takes longer than --grace, and says so', async () => {
    const worker = await startSlowRefresh(25, ['--grace', '300ms'])
    worker.child.kill('SIGTERM')
    const { code, err } = await worker.ended
    expect({ code, err }).toEqual({
      code: 1,
      err: 'trifold: what was under way has not ended within 300 ms, so the worker ends now; its leases run out by themselves\n',
    })
    expect(await rowsOf('public.item__view')).toHaveLength(50)
  })

  it('ends at once at a second signal', async () => {
    const worker = await startSlowRefresh(25)
    worker.child.kill('SIGTERM')
    await worker.whenObserved('worker.stopping')
    await pause(1_100) // an earlier one counts as the same key press
    worker.child.kill('SIGTERM')
    expect(await worker.ended).toMatchObject({ code: 143, err: '' })
    expect(await rowsOf('public.item__view')).toHaveLength(50)
  })

  it('takes what its whole process group gets for one signal, however late the process that keeps it passes it on', async () => {
    const worker = await startSlowRefresh(6, [], { detached: true })
    const keeper = worker.child.pid as number
    process.kill(keeper, 'SIGSTOP')
    process.kill(-keeper, 'SIGTERM')
    await worker.whenObserved('worker.stopping')
    await pause(1_500) // longer than what counts as the same key press
    process.kill(keeper, 'SIGCONT')
    expect(await worker.ended).toMatchObject({ code: 0, err: '' })
    expect(await rowsOf('public.item__view')).toHaveLength(51)
  })

  it('stops at a signal that comes while it reads its configuration', async () => {
    const slow = `console.log('reading'); await new Promise((resolve) => setTimeout(resolve, 1000));`
    await project.configure(slow + onlyTable())
    const worker = project.start(['worker'])
    await worker.whenPrinted('reading')
    worker.child.kill('SIGTERM')
    const { code, err, out } = await worker.ended
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/stopped after [\d.]+ m?s\n$/)
    expect(out).not.toContain('serves')
  })

  it('stays and says why if every target has stopped', async () => {
    await project.configure(
      onlyTable(`onFailure: 'stop', on: { ItemAdded: () => { throw new Error('no such luck') } },`),
    )
    const worker = project.start(['worker', '--json'])
    await worker.whenObserved('target.leased')
    await project.addItem(51, 'bad')
    expect((await worker.whenObserved('target.stopped')).error.message).toMatch(
      /^consumer: the handler of item for ItemAdded failed at event 1 \(position 1\): no such luck; correct the handler/,
    )
    await worker.whenObserved('worker.stalled')
    const status = await project.cli('status')
    expect(status.code).toBe(1)
    expect(status.out).toMatch(/^red +item@table +stopped/m)
    expect(status.out).toContain('no such luck')
    worker.child.kill('SIGTERM')
    expect(await worker.ended).toMatchObject({ code: 0, err: '' })
  })

  it('goes on at the same event once the handler is corrected', async () => {
    await project.configure(
      onlyTable(`onFailure: 'stop', on: { ItemAdded: () => { throw new Error('no such luck') } },`),
    )
    const broken = project.start(['worker', '--json'])
    await broken.whenObserved('target.leased')
    await project.addItem(51, 'bad')
    await broken.whenObserved('worker.stalled')
    broken.child.kill('SIGTERM')
    await broken.ended
    await project.configure(onlyTable())
    const worker = project.start(['worker'])
    await until('the event', async () => (await rowsOf('public.item__table')).length === 51)
    worker.child.kill('SIGTERM')
    await worker.ended
    expect(await rowsOf('public.item__table')).toEqual(await rowsOf('public.items'))
    expect((await project.cli('status', '--json')).code).toBe(0)
  })

  it('is not ended by the watchdog while it is only busy', async () => {
    const busy =
      'on: { ItemAdded: (event) => { const end = Date.now() + 300; while (Date.now() < end) {} return set(event) } },'
    await project.configure(onlyTable(busy))
    const worker = project.start(['worker', '--json'], { TRIFOLD_LEASE_MS: '1500' })
    await worker.whenObserved('target.leased')
    await project.addItem(51, 'slow')
    await until('the event', async () => (await rowsOf('public.item__table')).length === 51)
    worker.child.kill('SIGTERM')
    expect(await worker.ended).toMatchObject({ code: 0, err: '' })
  })

  it('stops in order if the process that keeps it is killed', async () => {
    await project.configure(onlyTable())
    const worker = project.start(['worker', '--json'])
    await worker.whenObserved('target.leased')
    worker.child.kill('SIGKILL')
    await worker.whenObserved('worker.stopped').catch(() => {}) // the pipe stays open until the worker has ended
    expect((await worker.ended).out).toContain('"reason":"disconnect"')
    expect(await consumes()).toBe(false)
  })
})
