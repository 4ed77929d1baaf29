import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Application } from '../../../src/trifold.ts'
import { isLong } from '../../support/long.ts'
import { until } from '../../support/until.ts'
import { Polls } from './polls.ts'
import { DetachStand } from './stand.ts'

/** Where a command is killed, and which one comes after it: either finishes what it began. */
const rounds = [
  ['detach:begun', 'attach'],
  ['detach:leases-ended', 'detach'],
  ['detach:copied', 'attach'],
  ['detach:swapping', 'detach'],
  ['attach:begun', 'detach'],
  ['attach:target', 'attach'],
  ['rebuild:named', 'detach'],
] as const
const others = rounds.map(([point, next]) => [point, next === 'attach' ? 'detach' : 'attach'] as const)

describe('a command that is killed between two steps', () => {
  let stand: DetachStand
  let application: Application
  let polls: Polls
  beforeAll(async () => {
    stand = await DetachStand.open({ withSearch: false })
    application = await stand.application()
    for (const target of stand.targets) await application.admin.rebuild(target)
    polls = new Polls(stand, application, 3)
  })
  afterAll(async () => {
    await polls?.stop()
    await application?.close()
    await stand?.close()
  })

  it.each(isLong ? [...rounds, ...others] : rounds)('at %s, with `%s` after it', async (point, next) => {
    const verb = point.startsWith('detach') ? 'detach' : 'attach'
    if (verb === 'attach') await application.admin.detach('item')
    const killed = await stand.project.start(['target', verb, 'item'], { TRIFOLD_FAULT: `${point}:kill` }).ended
    expect(killed).toMatchObject({ signal: 'SIGKILL', err: expect.stringContaining(`fault point ${point}`) })
    await until('the sessions of the killed process have ended', () => isFree(stand))
    const { reason } = (await stand.status()).targets['item@view'] as { reason: string }
    expect(reason).toContain(`\`trifold target ${verb} item\` was interrupted: run it again`)
    expect((await stand.cli('target', next, 'item')).code).toBe(0)
    if (next === 'detach') {
      expect((await stand.status()).targets['item@view']?.reason).toContain('after the migration')
      await stand.query('alter table public.items alter column quantity type integer')
      expect((await stand.cli('target', 'attach', 'item')).code).toBe(0)
    }
    const { rows } = await stand.query(`
      select class.relname, class.relkind
      from pg_class as class
      join pg_namespace as namespace on namespace.oid = class.relnamespace
      where nspname = 'trifold' and (relkind = 'm' or relname like 'item%copy')`)
    expect(rows).toEqual([{ relname: expect.stringMatching(/^item__view_g\d+$/), relkind: 'm' }])
  })

  it('has readers that saw no error and lacked no row', () => {
    expect([...polls.wrong]).toEqual([])
  })
})

/** The server ends the sessions of a process a moment after it. */
const isFree = async (stand: DetachStand): Promise<boolean> => {
  const { rows } = await stand.query(`
    select count(*) as sessions
    from pg_stat_activity
    where datname = current_database() and application_name ~ '^trifold (lock|detach|attach|rebuild)'`)
  return rows[0]?.sessions === '0'
}
