import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { CommitToken } from '../../../src/outbox.ts'
import type { Application } from '../../../src/trifold.ts'
import type { Started } from '../../cli/project.ts'
import { until } from '../../support/until.ts'
import { Polls } from './polls.ts'
import { alterType, DetachStand, dropColumn, refusals, secondDefinition } from './stand.ts'

const withSearch = inject('openSearchUrl') !== ''

describe('a migration of the tables under a read model', () => {
  let stand: DetachStand
  let application: Application
  let worker: Started
  let polls: Polls
  beforeAll(async () => {
    stand = await DetachStand.open({ withSearch })
    application = await stand.application()
    worker = stand.project.start(['worker', '--json'])
    const built = async () => Object.values((await stand.status()).targets).every((one) => one.generation !== null)
    await until('every target is built', built)
    polls = new Polls(stand, application, 3)
  })
  afterAll(async () => {
    await polls?.stop()
    worker?.child.kill('SIGTERM')
    await worker?.ended
    await application?.close()
    await stand?.close()
  })

  const said = (text: string, count = 1) => until(text, () => worker.out().split(text).length > count)
  const patience = 60_000
  const rowsOf = async (target: string, after?: CommitToken) =>
    (await application.readModel('item').find({ from: target.split('@')[1] as 'table', after, timeout: patience })).rows
  /** Changes every item, with no event, and returns the token of that commit. */
  const noteAll = async (): Promise<CommitToken> => {
    const client = await stand.project.database.pool.connect()
    try {
      await client.query('begin')
      await client.query(`update public.items set note = 'new'`)
      const token = await application.token(client)
      await client.query('commit')
      return token
    } finally {
      client.release()
    }
  }

  it('is refused by PostgreSQL while a view depends on the columns', async () => {
    await expect(stand.query(alterType)).rejects.toMatchObject({ code: refusals.alterType })
    await expect(stand.query(dropColumn)).rejects.toMatchObject({ code: refusals.dropColumn })
  })

  it('is prepared by `target detach`, which says what it holds', async () => {
    const { code, out } = await stand.cli('target', 'detach', 'item@view')
    expect({ code, out }).toEqual({
      code: 0,
      out:
        `item: detached; held are ${stand.targets.join(', ')}; the rows of item@view are in a plain copy\n` +
        'run your migration, then `trifold target attach item`\n',
    })
  })

  it('pauses the worker in the other process, for all targets', async () => {
    await said('"target.detached"', stand.targets.length)
    expect(worker.out()).not.toContain('target.stopped')
    const { code, targets } = await stand.status()
    expect(code).toBe(0)
    for (const one of Object.values(targets)) {
      expect(one).toMatchObject({ state: 'detached', verdict: 'yellow' })
      expect(one.reason).toMatch(/^detached for .+; run `trifold target attach item` after the migration$/)
      expect(one.detachedSince).toMatch(/^\d{4}-/)
      expect(one.consumer?.held ?? false).toBe(false)
    }
    const { out } = await stand.cli('doctor', '--json')
    const findings = JSON.parse(out).findings as { part: string; level: string; message: string }[]
    const ofTargets = findings.filter(({ part }) => part === 'targets')
    expect(ofTargets.map(({ level }) => level)).toEqual(stand.targets.map(() => 'warning'))
    expect((await stand.cli('schedule', 'list')).out).toContain('item@view: every 0.5 s, detached')
  })

  it('lets reads with a token fail at once, and others answer the last rows', async () => {
    await stand.project.addItem(4, 'item 4') // a commit that no event comes before is reflected by the head of the log
    const token = await noteAll()
    for (const target of stand.targets) {
      const began = performance.now()
      await expect(rowsOf(target, token)).rejects.toMatchObject({
        code: 'TARGET_DETACHED',
        message: expect.stringMatching(/has been detached since .+: it shows no later commit until/),
      })
      expect(performance.now() - began).toBeLessThan(patience / 2)
      expect(await rowsOf(target)).toHaveLength(3)
    }
  })

  it('holds rebuilds, refreshes and verifications', async () => {
    const named = await stand.cli('rebuild', 'item@table')
    expect(named).toMatchObject({ code: 1 })
    expect(named.err).toMatch(/item@table has been detached since .+ \[TARGET_DETACHED\]/)
    const bare = await stand.cli('rebuild', '--outdated')
    expect(bare.code).toBe(0)
    for (const target of stand.targets)
      expect(bare.out).toContain(`${target}: skipped, because its read model has been detached since `)
    expect((await stand.cli('refresh', 'item@view')).err).toContain('[TARGET_DETACHED]')
    await expect(application.admin.verify('item@table')).rejects.toMatchObject({ code: 'TARGET_DETACHED' })
  })

  it('is accepted now', async () => {
    await stand.query(alterType)
    await stand.query(dropColumn)
    expect(await rowsOf('item@view')).toHaveLength(3)
  })

  it('lets an application that starts meanwhile read the last rows, though the definition does not compile', async () => {
    const started = await stand.application()
    for (const target of stand.targets) {
      const { rows } = await started.readModel('item').find({ from: target.split('@')[1] as 'table', sort: 'id' })
      expect(rows[2]).toEqual({ id: 3, name: 'item 3', quantity: 1, note: 'old' })
    }
    await started.close()
  })

  it('stays detached if the definition does not compile any more, and says so', async () => {
    const { code, err } = await stand.cli('target', 'attach', 'item')
    expect(code).toBe(1)
    expect(err).toMatch(
      /item stays detached: .+old_note.+then run `trifold target attach item` again \[DEFINITION_INVALID\]/,
    )
    const { targets } = await stand.status()
    for (const one of Object.values(targets)) {
      expect(one).toMatchObject({ state: 'detached', verdict: 'yellow' })
      expect(one.reason).toContain('it could not be attached: definition:')
    }
  })

  it('ends with `target attach`, which rebuilds what has another meaning', async () => {
    await stand.project.write('views/item_v02.sql', secondDefinition)
    const { code, out, err } = await stand.cli('target', 'attach', 'item')
    expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('item@table: rebuilt, because definition v02\n')
    expect(out).toContain('item@view: rebuilt, because its rows were copied when it was detached\n')
  })

  it('lets the worker go on by itself, with the new definition', async () => {
    await said('"target.attached"', stand.targets.length)
    await stand.project.addItem(5, 'item 5')
    const token = await noteAll()
    for (const target of stand.targets) expect(await rowsOf(target, token)).toHaveLength(5)
    expect(worker.out()).not.toContain('target.stopped')
    const allGreen = async () => Object.values((await stand.status()).targets).every((one) => one.verdict === 'green')
    await until('every target is green', allGreen)
  })

  it('leaves no copy, and no reader saw an error or lacked a row', async () => {
    await polls.stop()
    expect([...polls.wrong]).toEqual([])
    expect(polls.reads).toBeGreaterThan(100)
    const { rows } = await stand.query(
      `select count(*) as copies from pg_class where relname like '%\\_copy' and relkind = 'r'`,
    )
    expect(rows[0]?.copies).toBe('0')
  })

  it('says in a sentence that it is not detached', async () => {
    expect(await stand.cli('target', 'attach', 'item')).toMatchObject({ code: 0, out: 'item is not detached\n' })
  })
})
