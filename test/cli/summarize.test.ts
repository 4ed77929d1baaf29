import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProject, type Project } from './project.ts'

let project: Project
beforeAll(async () => {
  project = await createProject()
  await project.database.pool.query(
    `insert into public.items values (1, 'one'), (2, 'one'), (-3, '=1+1'), (10, ''), (20, 'a,b'), (21, 'one')`,
  )
  await project.cli('rebuild', '--outdated')
})
afterAll(() => project.close())

const note = (groups: string, more = '') =>
  new RegExp(`^${groups} of item@table as of \\S+Z, (nothing|\\S+ \\S+) behind${more}\n$`)

describe('`trifold summarize`', () => {
  it('shows groups with their numbers as a table', async () => {
    const asked = ['--group', 'name', '--aggregates', 'largest=max:id, sum:id,percentile:id:0.5', '--sort', '-largest']
    const { code, out, err } = await project.cli('summarize', 'item', ...asked)
    expect(out.split('\n')).toEqual([
      'name  count  largest  sum:id  percentile:id:0.5',
      'one       3       21      24                  2',
      'a,b       1       20      20                 20',
      '          1       10      10                 10',
      '=1+1      1       -3      -3                 -3',
      '',
    ])
    expect(err).toMatch(note('4 groups'))
    expect(code).toBe(0)
  })

  it('prints CSV, in which no text is a formula and numbers are as they are', async () => {
    const { out } = await project.cli('summarize', 'item@table', '--group', 'name', '--aggregates', 'min:id', '--csv')
    expect(out).toBe('name,count,min:id\r\none,3,1\r\n"",1,10\r\n\'=1+1,1,-3\r\n"a,b",1,20\r\n')
  })

  it('groups by ranges, with bounds on the groups, and says whether there are more', async () => {
    const ranges = ['--group', 'id:0/10', '--sort', 'group']
    expect((await project.cli('summarize', 'item', ...ranges)).out.split('\n')).toEqual([
      'id             count',
      'below 0            1',
      '0 to below 10      2',
      'from 10            3',
      '',
    ])
    const some = await project.cli('summarize', 'item', ...ranges, '--having', '{"count":{"gte":2}}', '--limit', '1')
    expect(some.out).toBe('id             count\n0 to below 10      2\n')
    expect(some.err).toMatch(note('1 group', '; there are more: raise --limit'))
  })

  it('has the whole answer as JSON, and one line without a group', async () => {
    expect((await project.cli('summarize', 'item', '--where', '{"id":{"gt":1}}')).out).toBe('count\n    4\n')
    const { out } = await project.cli('summarize', 'item@view', '--group', 'name', '--limit', '1', '--json')
    expect(JSON.parse(out)).toMatchObject({ target: 'item@view', more: true, groups: [{ group: ['one'], count: 3 }] })
  })

  it.each([
    [['--group', 'nme'], /has no column nme; did you mean `name`\?/],
    [['--group', 'name:month'], /`interval` cannot use name/],
    [['--group', 'name', '--time-zone', 'UTC'], /--time-zone is for parts of the calendar/],
    [['--aggregates', 'sum'], /--aggregates has "sum"; write function:column/],
    [['--aggregates', 'smu:id'], /takes one of count, sum.* not "smu"/],
    [['--aggregates', 'percentile:id'], /write percentile:column:share/],
    [['--aggregates', 'sum:id,sum:id'], /--aggregates has sum:id twice/],
    [['--having', '{'], /--having is not JSON/],
    [['--where', '{"id":{"lt":9007199254740993}}'], /9007199254740993/],
    [['--limit', 'all'], /`limit` is "all"/],
  ])('%j is refused', async (args, message) => {
    expect(await project.cli('summarize', 'item', ...args)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(message),
    })
  })

  it('--csv and --json together are refused', async () => {
    expect((await project.cli('summarize', 'item', '--csv', '--json')).code).toBe(2)
  })
})
