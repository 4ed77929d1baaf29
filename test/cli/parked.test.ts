import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../support/until.ts'
import { createProject, type Project, type Started } from './project.ts'

let project: Project
let worker: Started | undefined

beforeAll(async () => {
  project = await createProject()
  await project.configure(configuration('ItemAdded'))
  worker = project.start(['worker', '--json'])
  await worker.whenObserved('target.leased')
  for (const id of [1, 2, 3, 4, 5]) await project.addItem(id, id === 5 ? 'good' : `bad ${id}`)
  await until('four events are parked', async () => (await listed()).length === 4)
})
afterAll(async () => {
  worker?.child.kill('SIGTERM')
  await worker?.ended
  await project?.close()
})

/** The handler of bad items throws until the file `mended` is there. `keysOf` names no key, so a retry has work to do. */
const configuration = (handled: string) => `
  import { existsSync } from 'node:fs'
  const anything = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } }
  const isMended = () => existsSync(${JSON.stringify(join(project.folder, 'mended'))})
  const add = (row) => {
    if (row.name.startsWith('bad') && !isMended()) throw new Error('no bad items')
    return { kind: 'set', row }
  }
  export default {
    database: ${JSON.stringify(project.database.url)},
    events: { ItemAdded: anything, ItemMoved: anything },
    readModels: { item: { key: ['id'], targets: { table: {} }, keysOf: () => [], on: { ${handled}: add } } },
  }`

interface Listed {
  id: string
  target: string
  ordinal: number
}

const listed = async (): Promise<Listed[]> => JSON.parse((await project.cli('parked', 'list', '--json')).out).parked
const ids = async () => {
  const { rows } = await project.database.pool.query('select id from public.item__table order by id')
  return rows.map(({ id }) => id)
}

describe('`trifold parked`', () => {
  it('lists parked events, the newest first, and those of one target', async () => {
    const { code, out } = await project.cli('parked', 'list', '--target', 'item@table')
    expect(code).toBe(0)
    expect(out.split('\n')[0]).toBe('4  item@table  event 4 (ItemAdded, item:4)  HANDLER_FAILED')
    expect((await listed()).map(({ id, target, ordinal }) => [id, target, ordinal])).toEqual(
      [4, 3, 2, 1].map((n) => [`${n}`, 'item@table', n]),
    )
  })

  it('shows one with its payload', async () => {
    const { out } = await project.cli('parked', 'show', '2')
    expect(out).toMatch(/^2 {2}item@table .*\n.*no bad items.*\n\{"id": ?2, ?"name": ?"bad 2"\}\n$/)
  })

  it.each([
    [['list', '--target', 'item@search'], 'TARGET_UNKNOWN'],
    [['show', '99'], 'no parked event has the id 99; see `trifold parked list` [PARKED_UNKNOWN]'],
    [['show', 'two'], 'no parked event has the id two; see `trifold parked list` [PARKED_UNKNOWN]'],
    [['retry', '1', '99'], 'no parked event has the id 99; see `trifold parked list` [PARKED_UNKNOWN]'],
    [['retry', '--all', 'item@search'], 'TARGET_UNKNOWN'],
    [['discard', '99'], 'no parked event has the id 99; see `trifold parked list` [PARKED_UNKNOWN]'],
  ])('refuses %j in one line', async (args, sentence) => {
    const { code, out, err } = await project.cli('parked', ...args)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err.trim().split('\n')).toHaveLength(1)
    expect(err).toContain(sentence)
    expect(await listed()).toHaveLength(4)
  })

  it.each([[[]], [['1', '--all', 'item@table']]])('refuses to retry %j: which ones?', async (args) => {
    const { code, err } = await project.cli('parked', 'retry', ...args)
    expect(code).toBe(2)
    expect(err).toContain("name ids, or a target with '--all'")
  })

  it('retry says why a handler still fails, and keeps the event', async () => {
    const { code, out, err } = await project.cli('parked', 'retry', '1')
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toMatch(/^trifold: item@table: .*failed at event .*: no bad items; .* \[HANDLER_FAILED\]\n$/)
    expect(await listed()).toHaveLength(4)
  })

  it('retry recomputes the keys of several, and goes past one that fails', async () => {
    expect(await ids()).toEqual([5])
    await project.write('mended', '')
    const { code, out } = await project.cli('parked', 'retry', '1', '2')
    expect({ code, out }).toEqual({
      code: 0,
      out: [1, 2].map((n) => `retried ${n}: recomputed the keys of event ${n} (ItemAdded) in item@table\n`).join(''),
    })
    expect(await ids()).toEqual([1, 2, 5])
    expect((await listed()).map(({ id }) => id)).toEqual(['4', '3'])
    expect((await project.cli('parked', 'retry', '1')).err).toContain('no parked event has the id 1')
  })

  it('discard forgets one, once', async () => {
    expect((await project.cli('parked', 'discard', '3')).out).toContain('discarded 3  item@table  event 3')
    expect((await project.cli('parked', 'discard', '3')).err).toContain('no parked event has the id 3')
    expect(await ids()).toEqual([1, 2, 5])
  })

  it('retry of all names those whose handler is gone, and does the rest once it is back', async () => {
    await project.configure(configuration('ItemMoved'))
    const gone = await project.cli('parked', 'retry', '--all', 'item@table', '--json')
    expect(gone.code).toBe(1)
    expect(JSON.parse(gone.out)).toMatchObject({ retried: [], failed: [{ id: '4', code: 'PARKED_FAILS' }] })
    expect(gone.err).toContain('there is no handler for ItemAdded any more; `trifold parked discard 4` forgets it')
    await project.configure(configuration('ItemAdded'))
    expect((await project.cli('parked', 'retry', '--all', 'item@table')).out).toContain('retried 4')
    expect(await ids()).toEqual([1, 2, 4, 5])
    expect((await project.cli('parked', 'retry', '--all', 'item@table')).out).toBe('no event is parked\n')
    expect((await project.cli('parked', 'list')).out).toBe('no event is parked\n')
  })
})
