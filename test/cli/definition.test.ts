import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { lineDiff } from '../../src/definition/line-diff.ts'
import { createProject, type Project } from './project.ts'

let project: Project

beforeEach(async () => {
  project = await createProject()
})
afterEach(() => project?.close())

const definition = (...args: string[]) => project.cli('definition', ...args)
const inFolder = (file: string) => join(project.folder, 'views', file)

it('`definition new` copies the last version and says what is next, but not twice', async () => {
  const { code, out } = await definition('new', 'item')
  expect(code).toBe(0)
  expect(out).toContain(`wrote ${inFolder('item_v02.sql')}\nnext:\n  1. edit it`)
  expect(await readFile(inFolder('item_v02.sql'), 'utf8')).toBe('select id, name from public.items')
  const again = await definition('new', 'item')
  expect(again).toMatchObject({ code: 1, out: '' })
  expect(again.err).toContain(
    `${inFolder('item_v02.sql')} is still a copy of the version before; edit that one [DEFINITION_EXISTS]`,
  )
  await project.write('views/item_v02.sql', 'select id, name, 2 as more from public.items')
  expect(JSON.parse((await definition('new', 'item', '--json')).out)).toEqual({
    readModel: 'item',
    version: 3,
    file: inFolder('item_v03.sql'),
    copiedFrom: inFolder('item_v02.sql'),
  })
})

it.each([
  ['new', 'itme', /there is no read model itme; .*item.*\[READ_MODEL_UNKNOWN\]/],
  ['diff', 'itme', /there is no read model itme; .*item.*\[READ_MODEL_UNKNOWN\]/],
  ['diff', 'item', /item has one version, .*item_v01\.sql, .*`trifold definition new item`.*\[DEFINITION_NOT_FOUND\]/],
])('`definition %s %s` is refused', async (command, name, message) => {
  const { code, err } = await definition(command, name)
  expect(code).toBe(1)
  expect(err).toMatch(message)
})

it('`definition diff` shows text, columns and what will be rebuilt, against the version that serves', async () => {
  await project.cli('rebuild', '--all')
  await project.write('views/item_v02.sql', 'select id, name, 1 as never from public.items')
  await project.write('views/item_v03.sql', 'select id::bigint as id,\n  upper(name) as label\nfrom public.items;\n')
  const { code, out } = await definition('diff', 'item')
  expect(code).toBe(0)
  expect(out).toBe(
    [
      `--- ${inFolder('item_v01.sql')}`,
      `+++ ${inFolder('item_v03.sql')}`,
      '- select id, name from public.items',
      '+ select id::bigint as id,',
      '+   upper(name) as label',
      '+ from public.items',
      '',
      '+ label text',
      '- name text',
      'id integer not null → bigint not null',
      '',
      'item@table: will be rebuilt, because definition v03',
      'item@view: will be rebuilt, because definition v03',
      '',
    ].join('\n'),
  )
  await project.cli('rebuild', '--outdated')
  const built = JSON.parse((await definition('diff', 'item', '--json')).out)
  expect(built).toMatchObject({
    before: { version: 2 },
    after: { version: 3 },
    columns: {
      added: [{ name: 'label', type: 'text' }],
      removed: [
        { name: 'name', type: 'text' },
        { name: 'never', type: 'integer' },
      ],
      changed: [{ name: 'id', before: 'integer not null', after: 'bigint not null' }],
    },
    rebuilds: [],
  })
})

it('`definition diff` of one that does not compile says so', async () => {
  await project.write('views/item_v02.sql', 'select id, nmae from public.items')
  expect((await definition('diff', 'item')).err).toMatch(
    /item_v02\.sql does not compile: .*"nmae".*\[DEFINITION_INVALID\]/,
  )
})

it('tells lines that stay from lines that are new or gone', () => {
  const shown = (before: string, after: string) => lineDiff(before, after).map(({ mark, text }) => mark + text)
  expect(shown('a\nb\nc', 'a\nx\nc')).toEqual([' a', '-b', '+x', ' c'])
  expect(shown('a\nb', 'a\nb')).toEqual([' a', ' b'])
  expect(shown('a', 'b\na\nb')).toEqual(['+b', ' a', '+b'])
  expect(shown('b\na\nb', 'a')).toEqual(['-b', ' a', '-b'])
})
