import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TrifoldConfig } from '../../src/config.ts'
import type { Status } from '../../src/operator/status.ts'
import { openTrifold } from '../../src/trifold.ts'
import { createProject, type Project } from '../cli/project.ts'

const anything = `{ '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } }`

/** Each read model but `item` and `other` has one fault of the configuration, in one of its targets. */
const configuration = (databaseUrl: string) => `
  const on = { ItemAdded: (row) => ({ kind: 'set', row }) }
  const view = (timing) => ({ key: ['id'], targets: { view: timing } })
  export default {
    database: ${JSON.stringify(databaseUrl)},
    events: { ItemAdded: ${anything} },
    readModels: {
      item: { key: ['id'], targets: { table: {}, view: { every: '200ms' } }, on },
      other: view({ every: '200ms' }),
      hourly: view({ cron: '61 * * * *' }),
      hasty: view({ every: '1ms' }),
      nowhere: view({ cron: '0 3 * * *', timeZone: 'Europe/Atlantis' }),
      mute: { key: ['id'], targets: { table: {}, view: {} } },
      astray: { key: ['id'], targets: { table: {} }, on: { constructor: () => undefined } },
    },
  }`

const faults = {
  'hourly@view': /has the cron pattern "61 \* \* \* \*"/,
  'hasty@view': /has the interval "1ms"/,
  'nowhere@view': /has the unknown time zone "Europe\/Atlantis"/,
  'mute@table': /mute@table is fed by events but mute has no handlers/,
  'astray@table': /astray handles constructor, which is not in the event registry/,
}

describe('a target that is misconfigured', () => {
  let project: Project
  beforeAll(async () => {
    project = await createProject()
    for (const name of ['other', 'hourly', 'hasty', 'nowhere', 'mute', 'astray'])
      await project.write(`views/${name}_v01.sql`, 'select id, name from public.items')
    await project.configure(configuration(project.database.url))
  })
  afterAll(() => project.close())

  const openAll = async () => {
    const config: TrifoldConfig = (await import(`${project.folder}/trifold.config.2.mjs`)).default
    return openTrifold({ ...config, root: project.folder })
  }
  const look = async () =>
    Object.fromEntries(
      (JSON.parse((await project.cli('status', '--json')).out) as Status).targets.map((one) => [one.target, one]),
    )

  it('is red alone, and the worker runs the others', async () => {
    const worker = project.start(['worker', '--json'])
    await worker.whenObserved('target.leased')
    await project.addItem(1, 'first')
    const rows = async (name: string) => (await project.database.pool.query(`select from ${name}`)).rowCount
    for (const name of ['item__table', 'item__view', 'other__view']) await expect.poll(() => rows(name)).toBe(1)
    const targets = await look()
    for (const [target, reason] of Object.entries(faults))
      expect(targets[target]).toMatchObject({ state: 'broken', verdict: 'red', reason: expect.stringMatching(reason) })
    for (const target of ['item@table', 'item@view', 'other@view', 'mute@view'])
      expect(targets[target]?.verdict, target).toBe('green')

    worker.child.kill('SIGTERM')
    expect(await worker.ended).toMatchObject({ code: 0, err: '' })
    for (const target of Object.keys(faults)) expect(worker.out()).toContain(`"target":"${target}"`)
  })

  it('leaves the schedules of the others running, also if its row was changed by hand', async () => {
    await project.database.pool.query(`update trifold.schedules set cron = 'soon', time_zone = 'UTC', every_ms = null, source = 'operator'
      where target = 'item@view'`)
    const worker = project.start(['worker', '--json'])
    await worker.whenObserved('refresh.finished')
    expect(await look()).toMatchObject({
      'item@view': {
        verdict: 'red',
        reason: expect.stringMatching(/at "soon" in UTC, which cannot be read .*schedule reset item@view/),
      },
      'other@view': { verdict: 'green', schedule: { isRunning: true } },
    })
    worker.child.kill('SIGTERM')
    expect(await worker.ended).toMatchObject({ code: 0, err: '' })
  })

  it('keeps no application from starting, appending and reading the others', async () => {
    const trifold = await openAll()
    try {
      expect((await trifold.readModel('item').find()).rows).toHaveLength(1)
      await expect(trifold.readModel('mute').find({ from: 'table' })).rejects.toMatchObject({
        code: 'HANDLERS_MISSING',
      })
      await expect(trifold.readModel('hourly').find()).rejects.toMatchObject({ code: 'SCHEDULE_INVALID' })
      expect((await trifold.admin.schedules()).map(({ target }) => target)).toContain('other@view')
    } finally {
      await trifold.close()
    }
  })

  it('is removed with what was built of it while it was whole', async () => {
    await project.configure(configuration(project.database.url).replace('61 *', '1 *'))
    expect((await project.cli('rebuild', 'hourly@view')).code).toBe(0)
    const trifold = await openAll()
    try {
      const { storages } = await trifold.admin.removeTarget('hourly@view')
      expect(storages).toHaveLength(1)
      const { rows } = await project.database.pool.query(`select to_regclass('trifold.${storages[0]}') as gone,
        to_regclass('public.hourly') as name`)
      expect(rows).toEqual([{ gone: null, name: null }])
    } finally {
      await trifold.close()
    }
  })
})
