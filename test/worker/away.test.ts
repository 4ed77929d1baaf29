import { afterEach, expect, it } from 'vitest'
import type { Status } from '../../src/operator/status.ts'
import { createProject, itemConfig, type Project } from '../cli/project.ts'
import { freePort } from '../support/free-port.ts'
import { type Relay, startRelay, throughPort } from '../support/relay.ts'

let project: Project
let relay: Relay | undefined

afterEach(async () => {
  await relay?.close()
  await project.close()
  relay = undefined
})

it('waits at its start for a database that is away, and without OpenSearch keeps the tables', async () => {
  project = await createProject()
  const port = await freePort()
  const search = `search: 'http://127.0.0.1:${await freePort()}',`
  const url = throughPort(project.database.url, port)
  await project.configure(itemConfig(url, 'targets: { table: {}, search: {} },', search))
  const worker = project.start(['worker', '--json'])
  expect(await worker.whenObserved('worker.waiting')).toMatchObject({ error: { code: 'DATABASE_UNREACHABLE' } })

  const { code, out, err } = await project.cli('status', '--json')
  expect({ code, ...JSON.parse(out) }).toMatchObject({ code: 1, error: { code: 'DATABASE_UNREACHABLE' } })
  expect(err).toMatch(/^trifold: database: .* does not answer \(.*ECONNREFUSED.*\); check DATABASE_URL.*\n$/)

  relay = await startRelay(port, project.database.url)
  await worker.whenObserved('target.leased')
  await project.addItem(1, 'first')
  const rows = async () => (await project.database.pool.query('select name from item__table')).rows
  await expect.poll(rows).toEqual([{ name: 'first' }])
  const look = async () => (JSON.parse((await project.cli('status', '--json')).out) as Status).targets
  const [table, index] = await look()
  expect(table).toMatchObject({ verdict: 'green' })
  expect(index).toMatchObject({
    state: 'missing',
    verdict: 'red',
    reason: expect.stringMatching(
      /^it was never built: the worker .*:\d+ fails since .*, and tries again: search: .* did not answer/,
    ),
    trouble: { code: 'SEARCH_UNREACHABLE', worker: expect.stringMatching(/:\d+$/) },
  })
  const { out: examined } = await project.cli('doctor')
  expect(examined).toContain('fails since')
  worker.child.kill('SIGTERM')
  expect(await worker.ended).toMatchObject({ code: 0, err: '' })
  expect((await look())[1]?.trouble).toBeNull()
  expect(worker.out().match(/"worker\.waiting"/g)).toHaveLength(1)
})

it('ends at a signal while it waits, and at once if the password is refused', async () => {
  project = await createProject()
  const nowhere = throughPort(project.database.url, await freePort())
  await project.configure(itemConfig(nowhere))
  const waiting = project.start(['worker', '--json'])
  await waiting.whenObserved('worker.waiting')
  waiting.child.kill('SIGTERM')
  expect(await waiting.ended).toMatchObject({ code: 0, err: '' })

  const stranger = new URL(project.database.url)
  stranger.username = 'nobody_of_that_name'
  await project.configure(itemConfig(stranger.toString()))
  const refused = await project.start(['worker', '--json']).ended
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('DATABASE_UNREACHABLE') })
})
