import { existsSync, readFileSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../support/until.ts'
import { createProject, type Project, type Started } from './project.ts'

const many = 200_000

let project: Project
beforeAll(async () => {
  project = await createProject()
  await project.database.pool.query(
    `insert into public.items select n, repeat('item ' || n, 20) from generate_series(1, ${many}) as n`,
  )
  await project.cli('rebuild', 'item@table')
})
afterAll(() => project.close())

const path = (name: string) => join(project.folder, name)
const files = async () => (await readdir(project.folder)).filter((name) => name.includes('items'))
const exporting = async (): Promise<{ pid: number }[]> => {
  const { rows } = await project.database.pool.query(
    `select pid
    from pg_stat_activity
    where datname = current_database()
      and query like 'copy%'`,
  )
  return rows
}

describe('`trifold export` of many rows', () => {
  it('leaves the file of before if the engine ends it in the middle, and says so', async () => {
    await writeFile(path('items.old.csv'), 'before')
    const before = await files()
    const running = await inTheMiddle('export', 'item', '--out', path('items.old.csv'), '--force')
    await project.database.pool.query('select pg_terminate_backend(pid) from pg_stat_activity where pid = any ($1)', [
      (await exporting()).map(({ pid }) => pid),
    ])
    running.child.kill('SIGCONT')
    const { code, err } = await running.ended
    expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/terminat.*\[DATABASE_UNREACHABLE\]/) })
    expect(await readFile(path('items.old.csv'), 'utf8')).toBe('before')
    expect(await files()).toEqual(before)
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('leaves nothing after %s', async (signal) => {
    const before = await files()
    const running = await inTheMiddle('export', 'item', '--out', path(`items.${signal}.csv`))
    running.child.kill(signal)
    running.child.kill('SIGCONT')
    expect(await running.ended).toMatchObject({ code: { SIGINT: 130, SIGTERM: 143 }[signal], out: '', err: held })
    expect(await files()).toEqual(before)
    await until('the session has ended', async () => (await exporting()).length === 0)
  })

  it('holds little memory, however many the rows and however slow their reader is', async () => {
    const running = project.start(['export', 'item'])
    running.child.stdout?.pause()
    await until('rows are sent', async () => (await exporting()).length === 1)
    let highest = 0
    const watched = setInterval(() => {
      highest = Math.max(highest, residentBytes(running.child.pid as number))
    }, 10)
    running.child.stdout?.resume()
    const { code, out } = await running.ended
    clearInterval(watched)
    expect(code).toBe(0)
    expect(out.split('\r\n')).toHaveLength(many + 2)
    expect(highest / 2 ** 20).toBeLessThan(150)
  })
})

const held = 'fault point export:written: SIGSTOP\n'

/** An export that has written the header and some rows, and is held there. */
async function inTheMiddle(...args: string[]): Promise<Started> {
  const running = project.start(args, { TRIFOLD_FAULT: 'export:written:freeze:2' })
  await until('it is held', () => running.err() === held)
  return running
}

/** Linux tells. */
const residentBytes = (pid: number): number => {
  const status = existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : ''
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1_024
}
