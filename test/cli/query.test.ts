import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProject, type Project } from './project.ts'

let project: Project
const age = / as of \d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z, (nothing|[\d.]+ (ms|s|min)) behind(?=;|\n)/
/** What it prints, once it has said how old it is. */
const withoutAge = (text: string): string => {
  expect(text).toMatch(age)
  return text.replace(age, '')
}
beforeAll(async () => {
  project = await createProject()
  await project.database.pool.query(
    `insert into public.items values (1, 'one'), (2, ''), (10, repeat('x', 60)), (20, E'\\x1b[31mred\\n\\u202e'), (21, 'ünï 🎈')`,
  )
  await project.cli('rebuild', '--outdated')
})
afterAll(() => project.close())

describe('`trifold query`', () => {
  it('shows the rows as a table, with nothing in it that a terminal obeys', async () => {
    const { code, out, err } = await project.cli('query', 'item')
    expect(code).toBe(0)
    expect(out.split('\n')).toEqual([
      'id  name',
      ' 1  one',
      ' 2',
      `10  ${'x'.repeat(49)}…`,
      '20  \\u001b[31mred\\u000a\\u202e',
      '21  ünï 🎈',
      '',
    ])
    expect(withoutAge(err)).toBe('5 rows of item@table\n')
  })

  it('goes on behind a page with the cursor that it prints', async () => {
    const asked = ['query', 'item@view', '--where', '{"id":{"gte":2}}', '--sort', '-id', '--limit', '3']
    const first = await project.cli(...asked)
    expect(first.out).toMatch(/^id {2}name\n21 .*\n20 .*\n10 .*\n$/)
    const [, cursor] = /^3 rows of item@view; more with --cursor (\S+)\n$/.exec(withoutAge(first.err)) ?? []
    const second = await project.cli(...asked, '--cursor', cursor as string)
    expect({ ...second, err: withoutAge(second.err) }).toEqual({
      code: 0,
      out: 'id  name\n 2\n',
      err: '1 row of item@view\n',
    })
  })

  it('shows the columns that are chosen, in their order', async () => {
    const asked = ['query', 'item', '--columns', 'name, id', '--sort', '-id', '--limit', '1']
    expect((await project.cli(...asked)).out).toBe('name   id\nünï 🎈  21\n')
    const { out } = await project.cli('query', 'item@view', '--columns', 'name', '--limit', '1', '--json')
    expect(JSON.parse(out)).toMatchObject({ rows: [{ name: 'one' }], cursor: expect.any(String) })
    expect(JSON.parse(out).rows).toEqual([{ name: 'one' }])
  })

  it('prints the answer with --json', async () => {
    const { out } = await project.cli('query', 'item', '--where', '{"id":2}', '--json')
    expect(JSON.parse(out)).toEqual({
      rows: [{ id: 2, name: '' }],
      cursor: null,
      target: 'item@table',
      asOf: expect.stringMatching(/^\d{4}-.*Z$/),
      snapshot: expect.stringMatching(/^\d+:\d+:/),
      lag: 0,
    })
  })

  it('of no rows prints none', async () => {
    const { code, out, err } = await project.cli('query', 'item', '--where', '{"id":3}')
    expect([code, out, withoutAge(err)]).toEqual([0, '', '0 rows of item@table\n'])
  })

  it.each([
    [['item', '--text', 'one'], /item@table has no full text.*\[QUERY_UNSUPPORTED\]/],
    [['item', '--suggest', 'on'], /item@table has no full text.*\[QUERY_UNSUPPORTED\]/],
    [['item', '--suggest', 'on', '--sort', 'id'], /suggest does not take `sort`.*\[QUERY_INVALID\]/],
    [['item', '--suggest', 'on', '--text', 'one'], /give --suggest or --text, not both.*\[QUERY_INVALID\]/],
    [['item', '--columns', 'id,nme'], /item has no column nme; did you mean `name`\?.*\[QUERY_INVALID\]/],
    [['item', '--limit', 'some'], /`limit` is "some"; it takes a whole number from 1 to 10000.*\[QUERY_INVALID\]/],
    [['item', '--where', '{"id"'], /--where is not JSON.*\[QUERY_INVALID\]/],
    [['item@search'], /there is no target item@search .*\[TARGET_UNKNOWN\]/],
    [['thing'], /there is no read model thing \(configured: item\) \[READ_MODEL_UNKNOWN\]/],
  ])('refuses %j', async (args, message) => {
    expect(await project.cli('query', ...args)).toMatchObject({ code: 1, out: '', err: expect.stringMatching(message) })
  })
})
