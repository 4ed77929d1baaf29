import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrationsFolder } from '../../src/migrate.ts'
import { besideDurability } from '../support/findings.ts'
import { createProject, itemConfig, type Project } from './project.ts'

/** The names of all migrations, the oldest first. */
const migrations = readdirSync(migrationsFolder)
  .map((file) => file.replace('.sql', ''))
  .sort()

let project: Project
beforeAll(async () => {
  project = await createProject({ migrated: false })
  await project.database.pool.query(`insert into public.items select n, 'item ' || n from generate_series(1, 500) as n`)
})
afterAll(() => project.close())

const json = async (...args: string[]) => JSON.parse((await project.cli(...args, '--json')).out)
const isMigrated = async () =>
  (await project.database.pool.query(`select to_regnamespace('trifold') is not null as there`)).rows[0].there

describe('in the order of a first day', () => {
  it('every command before `migrate` says to migrate', async () => {
    const { code, err } = await project.cli('status')
    expect(code).toBe(1)
    expect(err).toMatch(/lacks the schema "trifold"; run `trifold migrate` \[DATABASE_NOT_MIGRATED\]\n$/)
  })

  it('`doctor` says so too, with exit code 1', async () => {
    const { code, out } = await project.cli('doctor')
    expect(code).toBe(1)
    expect(out).toContain('FAIL  outbox: the schema "trifold" is missing\n       → run `trifold migrate`')
  })

  it('`migrate --dry-run` names what would run and changes nothing', async () => {
    expect(await project.cli('migrate', '--dry-run')).toEqual({
      code: 0,
      out: `would run ${migrations.join(', ')}\n`,
      err: '',
    })
    expect(await isMigrated()).toBe(false)
  })

  it('`migrate` runs it once', async () => {
    expect(await json('migrate')).toEqual({ direction: 'up', dryRun: false, migrations })
    expect((await project.cli('migrate')).out).toBe('the schema is up to date\n')
    expect(await isMigrated()).toBe(true)
  })

  it('`doctor` has nothing against it', async () => {
    const { ok, findings } = await json('doctor')
    const problems = findings.filter((finding: { level: string }) => finding.level === 'problem')
    expect(besideDurability(problems)).toEqual([])
    expect(ok).toBe(problems.length === 0)
    expect(findings).toContainEqual(expect.objectContaining({ part: 'outbox', check: 'sequenceCache', level: 'ok' }))
  })

  it('`types --dry-run` ends with 1 while the file is out of date, and writes nothing', async () => {
    expect(await project.cli('types', '--dry-run')).toMatchObject({ code: 1, err: '' })
    await expect(readFile(join(project.folder, 'trifold.types.ts'))).rejects.toThrow('ENOENT')
  })

  it('`types` writes the rows of the definitions', async () => {
    expect(await json('types')).toMatchObject({ readModels: ['item'], changed: true, written: true })
    const text = await readFile(join(project.folder, 'trifold.types.ts'), 'utf8')
    expect(text).toContain('  id: number\n  name: string\n')
    expect(await project.cli('types', '--dry-run')).toMatchObject({ code: 0 })
  })

  it('`status` is red while the targets are missing, and says what to start', async () => {
    const { code, out } = await project.cli('status')
    expect(code).toBe(1)
    expect(out).toMatch(/^red +item@table +missing/m)
    expect(out).toContain('item@view: it was never built; start `trifold worker`, or run `trifold rebuild item@view`')
  })

  it('`refresh` says that the view has to be rebuilt first', async () => {
    const { code, err } = await project.cli('refresh', 'item@view')
    expect(code).toBe(1)
    expect(err).toContain('run `trifold rebuild item@view` [REFRESH_FAILED]')
  })

  it('`rebuild --dry-run` tells what would be rebuilt, and changes nothing', async () => {
    const { out } = await project.cli('rebuild', '--outdated', '--dry-run')
    expect(out).toBe(
      'item@table: would be rebuilt, because no generation (its cost is unknown)\n' +
        'item@view: would be rebuilt, because no generation (its cost is unknown)\n',
    )
    const { rows } = await project.database.pool.query('select count(*)::integer as count from trifold.generations')
    expect(rows[0].count).toBe(0)
  })

  it('`rebuild` builds what is missing, and the next one finds nothing to do', async () => {
    const { rebuilt } = await json('rebuild', '--outdated')
    expect(rebuilt).toMatchObject([
      { target: 'item@table', generation: 1, reason: 'no generation', rows: 500 },
      { target: 'item@view', generation: 1, reason: 'no generation', rows: 500 },
    ])
    expect((await project.cli('rebuild', '--outdated')).out).toBe(
      'every target is up to date; name one to rebuild it\n',
    )
  })

  it('`rebuild --all --dry-run` tells what each would cost, by the build before', async () => {
    const { out } = await project.cli('rebuild', '--all', '--dry-run')
    for (const target of ['item@table', 'item@view'])
      expect(out).toMatch(
        new RegExp(
          `^${target}: .* an operator asked for it \\(about 500 rows, \\d+ kB, [\\d.]+ m?s the last time\\)$`,
          'm',
        ),
      )
    expect((await json('rebuild', 'item', '--dry-run')).plans).toMatchObject([
      {
        target: 'item@table',
        serving: 1,
        cost: { rows: 500, bytes: expect.any(Number), milliseconds: expect.any(Number) },
      },
      { target: 'item@view', serving: 1, cost: { rows: 500 } },
    ])
  })

  it('`rebuild` of a named target builds the next generation', async () => {
    const { out } = await project.cli('rebuild', 'item@view')
    expect(out).toMatch(/^item@view: generation 2 serves, built in .*, 500 rows, \d+ kB\n$/)
  })

  it('`refresh` runs the view again', async () => {
    await project.database.pool.query(`insert into public.items values (501, 'new')`)
    expect((await project.cli('refresh', 'item@view')).out).toMatch(/^item@view: refreshed in .*, 501 rows\n$/)
    expect(await json('refresh', 'item@view')).toMatchObject({ target: 'item@view', outcome: 'refreshed', rows: 501 })
  })

  it('`refresh` of a target fed by events names those that can', async () => {
    const { code, err } = await project.cli('refresh', 'item@table')
    expect(code).toBe(1)
    expect(err).toContain('item@table is fed by events and needs no refresh (those that do: item@view)')
  })
})

describe('schedule', () => {
  const stored = async () => (await project.database.pool.query('select every_ms, paused from trifold.schedules')).rows

  it('lists a view without one', async () => {
    expect((await project.cli('schedule', 'list')).out).toBe(
      'item@view: no schedule, by hand only (from the configuration)\n',
    )
  })

  it('refuses to pause what has none', async () => {
    const { code, err } = await project.cli('schedule', 'pause', 'item@view')
    expect(code).toBe(1)
    expect(err).toContain('[SCHEDULE_INVALID]')
  })

  it('tries a change without making it', async () => {
    const { out } = await project.cli(
      ...['schedule', 'tune', 'item@view', '--every', '30s', '--dry-run', '--zone', 'Asia/Tokyo'],
    )
    expect(out).toMatch(
      /^would be item@view: every 30 s, no worker runs it \(set by an operator\)\ndue: (.*GMT\+9, ){2}.*GMT\+9 \(Asia\/Tokyo\)\n/,
    )
    expect(out).toMatch(
      /\nunknown: the costs need \d more refreshes\nunknown: the forecast needs refreshes at the same hours/,
    )
    expect(await stored()).toEqual([])
  })

  it('sets an interval, pauses and resumes', async () => {
    await project.cli('schedule', 'tune', 'item@view', '--every', '30s')
    expect(await stored()).toEqual([{ every_ms: '30000', paused: false }])
    expect((await project.cli('schedule', 'pause', 'item@view')).out).toMatch(
      /^item@view: every 30 s, paused \(set by an operator\)\nunknown: /,
    )
    expect(await stored()).toEqual([{ every_ms: '30000', paused: true }])
    expect((await project.cli('status')).out).toContain('its schedule is paused (`trifold schedule resume item@view`)')
    expect(await json('schedule', 'resume', 'item@view')).toMatchObject({
      paused: false,
      timing: { kind: 'every', ms: 30_000 },
    })
  })

  it('says that an interval is shorter than a refresh takes', async () => {
    await project.database.pool.query(
      `insert into trifold.refreshes (target, cause, mode, outcome, started_at, finished_at)
      select 'item@view', 'schedule', 'concurrently', 'refreshed', now() - interval '3 s', now()
      from generate_series(1, 20)`,
    )
    const { code, out } = await project.cli('schedule', 'tune', 'item@view', '--every', '1s')
    expect(code).toBe(0)
    expect(out).toContain('a refresh of item@view takes 3 s (measured), longer than the interval of 1 s: ')
    expect(out).toContain('the lag cannot be held')
    const { warning } = await json('schedule', 'tune', 'item@view', '--every', '30s')
    expect(warning).toBeNull()
    await project.database.pool.query(`delete from trifold.refreshes where cause = 'schedule'`)
  })

  it('gives a schedule back to the configuration', async () => {
    const dry = await project.cli('schedule', 'reset', 'item@view', '--dry-run')
    expect(dry.out).toBe('would be item@view: no schedule, by hand only (from the configuration)\n')
    expect(await stored()).toHaveLength(1)
    expect(await json('schedule', 'reset', 'item@view')).toMatchObject({ source: 'config', paused: false })
    expect(await stored()).toEqual([])
    expect((await project.cli('schedule', 'reset', 'item@table')).err).toContain('is fed by events and has no schedule')
    await project.cli('schedule', 'tune', 'item@view', '--every', '30s')
  })

  it('says who changed a schedule, and when, also by hand', async () => {
    await project.database.pool.query(`update trifold.schedules set paused = true`)
    await project.database.pool.query(`update trifold.schedules set paused = true, updated_at = now()`)
    const { changes } = await json('schedule', 'history', 'item@view', '--limit', '3')
    const { rows } = await project.database.pool.query(
      `select session_user as role, current_setting('application_name') as name`,
    )
    const [{ role, name }] = rows
    const every = (paused: boolean) => ({ timing: { kind: 'every', ms: 30_000 }, paused, source: 'operator' })
    expect(changes).toMatchObject([
      { target: 'item@view', role, application: name, before: every(false), after: every(true) },
      { role, application: 'trifold toolkit', before: null, after: every(false) },
      { role, application: 'trifold toolkit', before: { source: 'config' }, after: null },
    ])
    const { out } = await project.cli('schedule', 'history', 'item', '--zone', 'Asia/Tokyo', '--limit', '1')
    expect(out).toMatch(
      /^[\d-]+ [\d:]+ GMT\+9 {2}item@view: every 30 s \(operator\) → every 30 s, paused \(operator\), by \w+ \(.*\)\n$/,
    )
    expect((await project.cli('schedule', 'history', '--limit', '0')).err).toContain('the limit 0 is none')
  })

  it('keeps a paused view paused when its interval is tuned', async () => {
    await project.cli('schedule', 'pause', 'item@view')
    const tuned = await json('schedule', 'tune', 'item@view', '--cron', '*/5 * * * *', '--time-zone', 'Europe/Berlin')
    expect(tuned).toMatchObject({
      paused: true,
      timing: { kind: 'cron', pattern: '*/5 * * * *', timeZone: 'Europe/Berlin' },
      due: [],
    })
    await project.cli('schedule', 'resume', 'item@view')
  })

  it.each([
    [['--every', 'soon'], 'has the interval "soon"; write a span'],
    [['--cron', '* * *'], 'of 3 fields; write five fields'],
    [['--cron', '* * * * *', '--time-zone', 'Mars/Base'], 'has the unknown time zone "Mars/Base"'],
    [['--cron', '0 0 30 2 *'], 'which never comes'],
    [['--every', '5s', '--cron', '* * * * *'], 'has `every` and `cron`; keep one'],
  ])('refuses %j', async (args, text) => {
    const { code, err } = await project.cli('schedule', 'tune', 'item@view', ...args)
    expect(code).toBe(1)
    expect(err).toContain(text)
    expect(err.trim().split('\n')).toHaveLength(1)
  })

  it('refuses a target that is fed by events', async () => {
    expect((await project.cli('schedule', 'pause', 'item@table')).err).toContain('(those that have: item@view)')
  })

  it('pauses a view that only the configuration schedules', async () => {
    await project.database.pool.query('delete from trifold.schedules')
    await project.configure(itemConfig(project.database.url, `targets: { table: {}, view: { every: '20s' } },`))
    expect(await json('schedule', 'pause', 'item@view')).toMatchObject({
      paused: true,
      timing: { kind: 'every', ms: 20_000 },
    })
    await project.configure(itemConfig(project.database.url))
  })
})

describe('status --json', () => {
  it('always has the same keys', async () => {
    const status = await json('status')
    expect(Object.keys(status)).toEqual(['ok', 'verdict', 'feed', 'targets', 'switches', 'relays', 'unconfigured'])
    expect(Object.keys(status.feed)).toEqual([
      'at',
      'era',
      'branched',
      'readOnly',
      'lastWindow',
      'lastWindowAt',
      'headAt',
      'waiting',
    ])
    const keys = [
      'target',
      'state',
      'verdict',
      'reason',
      'record',
      'lag',
      'eventsWaiting',
      'reflectedAt',
      'detachedSince',
      'generation',
      'warm',
      'rebuilding',
      'refreshing',
      'detachment',
      'consumer',
      'parked',
      'failure',
      'trouble',
      'buildFailure',
      'lastRefresh',
      'materializer',
      'fedBy',
      'storage',
      'rows',
      'rowsEstimated',
      'bytes',
      'tombstones',
      'verified',
      'planDependent',
      'schedule',
      'unread',
      'cause',
      'run',
      'build',
    ]
    for (const target of status.targets) expect(Object.keys(target)).toEqual(keys)
    const [table, view] = status.targets
    expect(Object.keys(table.consumer)).toEqual([
      'era',
      'epoch',
      'window',
      'ordinal',
      'handlersVersion',
      'owner',
      'held',
      'isConnected',
      'leaseUntil',
      'appliedAt',
    ])
    expect(Object.keys(view.lastRefresh)).toEqual([
      'cause',
      'mode',
      'outcome',
      'error',
      'code',
      'sqlState',
      'attempt',
      'startedAt',
      'finishedAt',
      'milliseconds',
      'rows',
      'typicalMilliseconds',
    ])
    expect(Object.keys(view.schedule)).toEqual(['timing', 'paused', 'source', 'isRunning', 'nextAt'])
  })
})

describe('migrate --down', () => {
  it('says what it would undo, and undoes it', async () => {
    await project.database.pool.query('drop view public.item, public.item__table, public.item__view')
    const [first, ...others] = migrations
    expect((await project.cli('migrate', '--down', '--dry-run')).out).toBe(`would undo ${others.at(-1)}\n`)
    for (const name of others.reverse()) expect((await project.cli('migrate', '--down')).out).toBe(`undid ${name}\n`)
    expect((await project.cli('status')).err).toContain('has the schema "trifold" of an older version')
    expect(await isMigrated()).toBe(true)
    expect((await project.cli('migrate', '--down')).out).toBe(`undid ${first}\n`)
    expect(await isMigrated()).toBe(false)
  })
})
