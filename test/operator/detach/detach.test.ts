import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { openClient } from '../../../src/database.ts'
import { moveCursorAlone } from '../../../src/lease/cursor.ts'
import { type Lease, takeLease } from '../../../src/lease.ts'
import { whileRebuilding } from '../../../src/rebuild/lock.ts'
import { beginDetachment } from '../../../src/schema/detachments.ts'
import { servingGeneration } from '../../../src/schema/generations.ts'
import type { Application } from '../../../src/trifold.ts'
import { startWorker } from '../../../src/trifold.ts'
import { Observed } from '../../support/observed.ts'
import { until } from '../../support/until.ts'
import { Polls } from './polls.ts'
import { alterType, DetachStand, dropColumn } from './stand.ts'

const withSearch = inject('openSearchUrl') !== ''
const url = (stand: DetachStand) => stand.project.database.url

describe('a read model that is detached', () => {
  let stand: DetachStand
  let application: Application
  beforeAll(async () => {
    stand = await DetachStand.open({ withSearch })
    application = await stand.application()
    for (const target of stand.targets) await application.admin.rebuild(target)
  })
  afterAll(async () => {
    await application?.close()
    await stand?.close()
  })

  const kindOf = async (name: string) =>
    (await stand.query(`select relkind from pg_class where oid = to_regclass('trifold.${name}')`)).rows[0]?.relkind
  const idsIn = async (from: 'table' | 'view') =>
    (await application.readModel('item').find({ from })).rows.map(({ id }) => id)
  const expectRefusal = async (code: string, text: string, ...args: string[]) => {
    const { code: exit, err } = await stand.cli('target', ...args)
    expect(err).toContain(text)
    expect(err).toContain(`[${code}]`)
    expect(exit).toBe(1)
  }
  /** Runs `work` while a session holds an advisory lock. */
  const whileHeld = async (name: string, work: () => Promise<void>) => {
    const client = await openClient(url(stand), { name: 'test' })
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [name])
    await work().finally(() => client.end())
  }

  it('is not detached under a name that is not known: the nearest one is offered', async () => {
    await expectRefusal('READ_MODEL_UNKNOWN', 'no read model itme; did you mean `item`?', 'detach', 'itme')
    await expectRefusal('TARGET_UNKNOWN', 'no target item@veiw; did you mean `item@view`?', 'attach', 'item@veiw')
    expect((await stand.cli('target', 'detach')).code).toBe(2)
    expect((await stand.cli('target', 'detach', 'item', '--wait', 'soon')).err).toContain('wait is "soon"')
  })

  it('is not detached during a rebuild', async () => {
    await whileRebuilding(url(stand), 'item@table', () =>
      expectRefusal('REBUILD_RUNNING', 'item@table is being rebuilt by another process now', 'detach', 'item'),
    )
    expect((await stand.status()).targets['item@view']?.state).not.toBe('detached')
  })

  it('waits for a refresh, and goes on as before if that takes too long', async () => {
    await whileHeld('trifold refresh item@view', () =>
      expectRefusal('REFRESH_RUNNING', 'item@view is being refreshed now', 'detach', 'item', '--wait', '100ms'),
    )
    expect((await stand.status()).targets['item@view']?.state).not.toBe('detached')
    await application.admin.refresh('item@view')
    let detaching: Promise<unknown> | undefined
    await whileHeld('trifold refresh item@view', async () => {
      detaching = application.admin.detach('item')
      await until('it waits', async () => (await stand.status()).targets['item@view']?.state === 'detached')
      expect((await stand.status()).targets['item@view']?.reason).toContain(
        '`trifold target detach item` is at work on it',
      )
      await expectRefusal('DETACH_RUNNING', 'another process is detaching or attaching item now', 'attach', 'item')
    })
    expect(await detaching).toMatchObject({ outcome: 'detached', copied: ['item@view'] })
  })

  it('is detached once: again is a sentence, and the time stays', async () => {
    const { code, out } = await stand.cli('target', 'detach', 'item', '--json')
    const [again] = JSON.parse(out).detached
    expect({ code, again }).toMatchObject({ code: 0, again: { outcome: 'already', targets: stand.targets } })
    expect((await stand.cli('target', 'detach', 'item')).out).toContain(
      `item has been detached since ${again.since} already`,
    )
  })

  it('keeps columns, order and indexes of the view in the copy', async () => {
    const { rows } = await stand.query(`
      select indexdef from pg_indexes where schemaname = 'trifold' and tablename = 'item__view_g1_copy' order by 1`)
    const indexes = rows.map(({ indexdef }) => String(indexdef).replace(/INDEX \S+/, 'INDEX'))
    expect(indexes).toEqual([
      'CREATE INDEX ON trifold.item__view_g1_copy USING btree (name, id)',
      'CREATE UNIQUE INDEX ON trifold.item__view_g1_copy USING btree (id)',
    ])
    expect(await kindOf('item__view_g1_copy')).toBe('r')
    expect(await idsIn('view')).toEqual([1, 2, 3])
  })

  it('goes on from its cursor if the definition means what it meant, and loses no event', async () => {
    await stand.project.addItem(4, 'item 4')
    await stand.query('alter table public.items add unread text')
    const { code, out } = await stand.cli('target', 'attach', 'item', '--json')
    const [{ targets }] = JSON.parse(out).attached
    expect({ code, targets }).toEqual({
      code: 0,
      targets: stand.targets
        .map((target) =>
          target === 'item@view'
            ? { target, outcome: 'rebuilt', reason: 'its rows were copied when it was detached' }
            : { target, outcome: 'resumed', reason: null },
        )
        .sort((a, b) => Number(a.target === 'item@view') - Number(b.target === 'item@view')),
    })
    expect(await kindOf('item__view_g1_copy')).toBeUndefined()
    expect(await kindOf('item__view_g2')).toBe('m')
    const observed = new Observed()
    const worker = await startWorker(application as never, { observe: observed.observe })
    await until('the event arrives', async () => (await idsIn('table')).length === 4)
    await worker.stop()
    expect(observed.of('rebuild.started')).toEqual([])
  })

  it('names what still depends on the tables, and keeps views on its own names', async () => {
    await stand.query(`
      create view public.report as select id, note from item__view;
      create view public.own as select quantity from public.items`)
    const { dependents } = await application.admin.detach('item')
    expect(dependents).toEqual([{ name: 'own', kind: 'view', reads: ['items'], target: undefined }])
    expect((await stand.query('select count(*) from public.report')).rows).toEqual([{ count: '4' }])
    const { out } = await stand.cli('target', 'detach', 'item')
    expect(out).toContain('item: the view own still reads items; where that is in the way, it is your own')
    await stand.query('drop view public.own, public.report')
    await application.admin.attach('item')
  })

  it('is not detached while a view reads its storage directly', async () => {
    await stand.query('create view public.direct as select id from trifold.item__view_g3')
    await expectRefusal(
      'TARGET_KEPT',
      'view direct depends on materialized view trifold.item__view_g3',
      'detach',
      'item',
    )
    expect(await kindOf('item__view_g3_copy')).toBeUndefined()
    expect((await stand.status()).targets['item@view']?.state).not.toBe('detached')
    await stand.query('drop view public.direct')
  })

  it('lets go of older generations that readers kept', async () => {
    const reader = await stand.project.database.pool.connect()
    await reader.query('begin; select from trifold.item__view_g3 limit 1')
    await application.admin.rebuild('item@view')
    expect(await kindOf('item__view_g3')).toBe('m')
    const detaching = application.admin.detach('item')
    await until('it waits', async () => (await kindOf('item__view_g4')) === 'm')
    await reader.query('commit')
    reader.release()
    await detaching
    expect(await kindOf('item__view_g3')).toBeUndefined()
    await stand.query(dropColumn)
    await stand.query('alter table public.items add old_note text')
    await application.admin.attach('item')
  })

  it('takes a type that changed as another meaning', async () => {
    await application.admin.detach('item')
    await stand.query(alterType)
    const { targets } = await application.admin.attach('item')
    expect(targets.find(({ target }) => target === 'item@table')).toMatchObject({
      outcome: 'rebuilt',
      reason: 'quantity integer → bigint',
    })
  })

  it('has no consumer that goes on: each lease of before is lost', async () => {
    const { client, lease } = await leased(stand)
    await application.admin.detach('item')
    expect(await moveCursorAlone(client, lease, lease.cursor)).toBe(false)
    expect(await takeLease(client, lease.generation, 'test', 1)).toBeUndefined()
    await application.admin.attach('item')
    await client.end()
  })

  it('would have one if the state alone were stored', async () => {
    const { client, lease } = await leased(stand)
    await beginDetachment(client, 'item')
    expect(await moveCursorAlone(client, lease, lease.cursor)).toBe(true)
    await application.admin.attach('item')
    await client.end()
  })

  it('would have readers that fail if the view were dropped before its copy has its name', async () => {
    const { storage } = (await stand.status()).targets['item@view'] as { storage: string }
    const polls = new Polls(stand, application, 4)
    try {
      await stand.query(`create table trifold.mutant as select * from item__view`)
      await until('a reader fails', async () => {
        await stand.query(`drop materialized view if exists ${storage} cascade`).catch(() => {}) // it may be a deadlock's victim
        return polls.wrong.size > 0
      })
    } finally {
      await polls.stop()
    }
  })
})

/** A consumer that holds the lease of the table. */
async function leased(stand: DetachStand): Promise<{ client: pg.Client; lease: Lease }> {
  const client = await openClient(url(stand), { name: 'test consumer' })
  const generation = await servingGeneration(client, 'item@table')
  const lease = generation && (await takeLease(client, generation, 'test', 1))
  if (!lease) throw new Error('the lease is not free')
  return { client, lease }
}
