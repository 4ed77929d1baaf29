import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { someOrAll } from '../support/long.ts'
import { until } from '../support/until.ts'
import { createProject, type Project, type Started } from './project.ts'

const bad = 51
const seed = Number(process.env.TRIFOLD_TEST_SEED ?? Date.now() % 2 ** 31)

let project: Project
let worker: Started | undefined
beforeEach(async () => {
  project = await createProject()
  await project.write('views/copy_v01.sql', 'select id, name from public.items')
})
afterEach(async () => {
  worker?.child.kill('SIGTERM')
  await worker?.ended
  worker = undefined
  await project.close()
})

/** Two tables of the same events; the handler of `item` does `what` at the bad one, until the file `mended` is there. */
const configuration = (what: string, version = 1, more = `onFailure: 'stop',`) => `
  import { existsSync } from 'node:fs'
  const set = (row) => ({ kind: 'set', row })
  const isMended = () => existsSync(${JSON.stringify(join(project.folder, 'mended'))})
  const anything = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } }
  const model = { key: ['id'], targets: { table: {} } }
  const handler = (event) => {
    if (event.id === ${bad} && !isMended()) { ${what} }
    return set(event)
  }
  export default {
    database: ${JSON.stringify(project.database.url)},
    events: { ItemAdded: anything },
    readModels: {
      item: { ...model, ${more} version: ${version}, on: { ItemAdded: handler } },
      copy: { ...model, on: { ItemAdded: set } },
    },
  }`

const start = (env: NodeJS.ProcessEnv = {}) => {
  worker = project.start(['worker', '--json'], { TRIFOLD_LEASE_MS: '2000', ...env })
  return worker
}
const consumerOf = async (target: string) => {
  const { rows } = await project.database.pool.query(
    `select owner, consumers.failure, ordinal
    from trifold.consumers
    join trifold.generations on generations.id = generation_id
    where target = $1
      and state = 'serving'`,
    [target],
  )
  return rows[0] as { owner: string | null; failure: Record<string, unknown> | null; ordinal: string } | undefined
}
const told = () => `${worker?.out()}\n${worker?.err()}`
const fact = (what: string, holds: () => Promise<boolean>) =>
  until(what, holds).catch((error) => {
    throw new Error(`${error.message}\n${told()}`)
  })
const leased = async () => {
  const owners = await Promise.all(['item@table', 'copy@table'].map(consumerOf))
  return owners.every((one) => one?.owner)
}
const idsOf = async (relation: string) =>
  (await project.database.pool.query(`select id from ${relation} order by id`)).rows.map(({ id }) => id)

/** Runs the worker until the bad event has stopped its target. */
async function stoppedBy(what: string, env?: NodeJS.ProcessEnv) {
  await project.configure(configuration(what))
  const running = start(env)
  await fact('both leases', leased)
  for (const id of [50, bad, 52]) await project.addItem(id, `item ${id}`)
  await fact('the target stops', async () => (await consumerOf('item@table'))?.failure != null)
  await project.addItem(53, 'later')
  await fact('the neighbour goes on', async () => (await idsOf('public.copy__table')).length === 4)
  expect(running.child.exitCode, told()).toBeNull()
  return (await consumerOf('item@table'))?.failure as Record<string, unknown>
}

const atOnce = [
  ['never returns', 'for (;;) {}', 'HANDLER_BLOCKED', 'did not return within 2000 ms', 'SIGKILL'],
  [
    'throws late',
    `setTimeout(() => { throw new Error('too late') }, 30)`,
    'PROCESS_ENDED',
    'threw an error late (too late)',
    'exit code 1',
  ],
  [
    'leaves a promise rejected',
    `Promise.reject(new Error('nobody waits'))`,
    'PROCESS_ENDED',
    'left a promise rejected (nobody waits)',
    'exit code 1',
  ],
  ['exits with 0', 'process.exit(0)', 'PROCESS_ENDED', 'ended the process (exit code 0)', 'exit code 0'],
  ['exits with 1', 'process.exit(1)', 'PROCESS_ENDED', 'ended the process (exit code 1)', 'exit code 1'],
  [
    'exits later',
    'setTimeout(() => process.exit(3), 30)',
    'PROCESS_ENDED',
    'ended the process (exit code 3)',
    'exit code 3',
  ],
] as const

/** With nobody left to say what happened, the next workers find the event. */
const atLast = [
  ['kills its process', `process.kill(process.pid, 'SIGKILL')`, {}],
  ['aborts', 'process.abort()', {}],
  [
    'takes all memory',
    'const all = []; for (;;) all.push(new Array(100_000).fill(event.id + all.length))',
    { NODE_OPTIONS: '--max-old-space-size=48', TRIFOLD_LEASE_MS: '10000' },
  ],
] as const

/** Each ends the process in a way that the worker notices at another place. */
const parked: readonly [string, string, string][] = [
  ['if it exits', 'process.exit(0)', 'PROCESS_ENDED'],
  [
    'if it throws late, when its event was applied',
    `setTimeout(() => { throw new Error('late') }, 300)`,
    'PROCESS_ENDED',
  ],
  ['if it never returns', 'for (;;) {}', 'HANDLER_BLOCKED'],
  ['if it kills its process', `process.kill(process.pid, 'SIGKILL')`, 'PROCESS_ENDED'],
]

const fatalKeys = [
  ['process.exit(0)'],
  [`return Promise.reject(new Error('later'))`],
  ['for (;;) {}'],
  [`process.kill(process.pid, 'SIGKILL')`],
] as const

describe('a handler that ends its worker stops its target, by name, and no other', () => {
  it.each(someOrAll(atOnce, seed, 3, 2))('if it %s', async (_, what, code, did, end) => {
    const failure = await stoppedBy(what)
    const event = { type: 'ItemAdded', aggregate: `item:${bad}`, ordinal: 2, position: 2 }
    expect(failure).toMatchObject({ code, ...event, message: expect.stringContaining(did) })
    const said = worker?.err() ?? ''
    const lines = [
      `trifold: consumer: the handler of item for ItemAdded ${did} at event 2 (position 2, item:${bad});`,
      `the worker ended by itself (${end})`,
    ]
    const places = lines.map((line) => said.indexOf(line))
    expect(places[0], said).toBeGreaterThanOrEqual(0)
    expect(places[1], said).toBeGreaterThan(places[0] as number)
    expect(said.match(/ended by itself/g)).toHaveLength(1)
  })

  it.each(someOrAll(atLast, seed, 3, 2))('if it %s', async (_, what, env) => {
    const failure = await stoppedBy(what, env)
    expect(failure).toMatchObject({
      code: 'PROCESS_ENDED',
      message: expect.stringContaining(
        'ended the process each time that it ran alone (2 times) at event 2 (position 2',
      ),
      type: 'ItemAdded',
      aggregate: `item:${bad}`,
      ordinal: 2,
    })
    expect((await consumerOf('item@table'))?.ordinal).toBe('1') // all before it was applied
    expect(worker?.err().match(/ended by itself/g)?.length).toBeLessThanOrEqual(4)
  })

  it('and is found among thousands, none of which is taken for it', async () => {
    await project.configure(configuration(`process.kill(process.pid, 'SIGKILL')`))
    start()
    await fact('both leases', leased)
    await project.database.pool.query(
      `insert into trifold.outbox (era, type, aggregate, payload)
      select 1, 'ItemAdded', 'item:' || id, json_build_object('id', id, 'name', 'x')
      from (select case n when 1777 then ${bad} else 1000 + n end as id from generate_series(1, 3000) as n) as item`,
    )
    await fact('the target stops', async () => (await consumerOf('item@table'))?.failure != null)
    expect(await consumerOf('item@table')).toMatchObject({ ordinal: '1776', failure: { ordinal: 1777 } })
    await fact('the neighbour goes on', async () => (await consumerOf('copy@table'))?.ordinal === '3000')
    expect((await consumerOf('copy@table'))?.failure).toBeNull()
    expect(worker?.err().match(/ended by itself/g)?.length).toBeLessThanOrEqual(7)
  })

  it('and status and doctor name event, target and cause; resumed, it goes on without a restart', async () => {
    await stoppedBy('process.exit(0)')
    const named = 'the handler of item for ItemAdded ended the process (exit code 0) at event 2'
    const status = await project.cli('status')
    expect(status.code).toBe(1)
    expect(status.out).toMatch(/^red +item@table +stopped/m)
    expect(status.out).toMatch(/^green +copy@table/m)
    expect(status.out.replaceAll(/\s+/g, ' ')).toContain(named)
    expect((await project.cli('doctor')).out.replaceAll(/\s+/g, ' ')).toContain(named)

    expect((await project.cli('target', 'resume', 'copy@table')).err).toContain('[TARGET_RUNNING]')
    expect(await project.cli('target', 'resume', 'other@table')).toMatchObject({ code: 1 })
    await project.write('mended', '')
    const resumed = await project.cli('target', 'resume', 'item@table', '--json')
    expect(JSON.parse(resumed.out)).toMatchObject({ target: 'item@table', failure: { code: 'PROCESS_ENDED' } })
    await fact('it goes on', async () => (await idsOf('public.item__table')).length === 4)
    expect((await project.cli('status')).code).toBe(0)
  })

  it('until newer handlers run; a restart alone does not try the event again', async () => {
    await stoppedBy('process.exit(0)')
    worker?.child.kill('SIGTERM')
    await worker?.ended
    await project.write('mended', '')
    const again = start()
    await again.whenObserved('target.stopped')
    await fact('the neighbour is kept', async () => (await consumerOf('copy@table'))?.owner != null)
    expect((await consumerOf('item@table'))?.failure).toMatchObject({ code: 'PROCESS_ENDED' })
    again.child.kill('SIGTERM')
    await again.ended
    await project.configure(configuration('process.exit(0)', 2))
    start()
    await fact('it goes on', async () => (await idsOf('public.item__table')).length === 4)
  })
})

describe('a handler that ends its worker has its event parked, unless the read model stops', () => {
  it.each(someOrAll(parked, seed, 3, 2))('%s', async (_, what, code) => {
    await project.configure(configuration(what, 1, 'keysOf: ({ payload }) => [[payload.id]],'))
    start()
    await fact('both leases', leased)
    for (const id of [50, bad, 52]) await project.addItem(id, `item ${id}`)
    const all = [50, bad, 52]
    await fact('both go on', async () => {
      const ids = await Promise.all(['public.item__table', 'public.copy__table'].map(idsOf))
      const { rows } = await project.database.pool.query('select code, ordinal from trifold.parked')
      return rows.length === 1 && ids.every((some) => String(some) === String(all))
    })
    const { rows } = await project.database.pool.query('select target, code, ordinal from trifold.parked')
    expect(rows).toEqual([{ target: 'item@table', code, ordinal: '2' }])
    expect((await consumerOf('item@table'))?.failure).toBeNull()
    expect((await project.database.pool.query('select from trifold.suspect_keys')).rowCount).toBe(0)
  })

  it.each(someOrAll(fatalKeys, seed, 3, 1))(
    'and its target is built again if keysOf ends the worker too: %s',
    async (keys) => {
      await project.configure(configuration(`throw new Error('no')`, 1, `keysOf: () => { ${keys} },`))
      start()
      await fact('both leases', leased)
      for (const id of [50, bad, 52]) await project.addItem(id, `item ${id}`)
      await fact('it goes on', async () => String(await idsOf('public.item__table')) === String([50, bad, 52]))
      const { rows } = await project.database.pool.query('select target, ordinal from trifold.parked')
      expect(rows).toEqual([{ target: 'item@table', ordinal: '2' }])
      expect(worker?.err().match(/ended by itself/g)?.length).toBeLessThanOrEqual(4)
    },
  )
})
