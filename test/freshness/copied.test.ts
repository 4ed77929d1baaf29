import { once } from 'node:events'
import { afterEach, expect, it } from 'vitest'
import type { Status } from '../../src/operator/status.ts'
import { openTrifold, startWorker } from '../../src/trifold.ts'
import { createProject, itemConfig, type Project } from '../cli/project.ts'
import { copyDatabase, type TestDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'

let project: Project
let copy: TestDatabase | undefined

afterEach(async () => {
  await copy?.close()
  await project.close()
})

/** The configuration on a database, as an application opens it. */
async function open(url: string) {
  await project.configure(itemConfig(url, `targets: { table: {}, view: { every: '1h' } },`))
  const { default: config } = await import(`${project.folder}/trifold.config.${url === copy?.url ? 3 : 2}.mjs`)
  return openTrifold({ ...config, root: project.folder })
}

async function addItem(trifold: Awaited<ReturnType<typeof open>>): Promise<string> {
  const client = await project.database.pool.connect()
  await client.query('begin')
  await client.query(`insert into public.items values (1, 'first')`)
  const commit = await trifold.token(client)
  await client.query('commit')
  client.release()
  return commit
}

it('refuses a token of before in a copy that no worker has looked at, warns who opens it, and status says so', async () => {
  project = await createProject()
  const original = await open(project.database.url)
  const commit = await addItem(original)
  await original.admin.rebuild('item@table')
  await original.readModel('item').find({ after: commit, timeout: '90s' })
  await original.close()

  copy = await copyDatabase(project.database)
  const warned = once(process, 'warning')
  const copied = await open(copy.url)
  try {
    await expect(copied.readModel('item').find({ after: commit })).rejects.toMatchObject({
      code: 'ERA_MISMATCH',
      message: expect.stringContaining('was copied, or restored from a dump'),
      details: { reason: 'database' },
    })
    expect((await copied.readModel('item').find()).rows).toHaveLength(1)
    const { feed, targets } = JSON.parse((await project.cli('status', '--json')).out) as Status
    expect(feed.branched).toBe('database')
    expect(targets[0]).toMatchObject({ verdict: 'red', reason: expect.stringContaining('was copied, or restored') })
    expect((await warned)[0]).toMatchObject({
      code: 'ERA_MISMATCH',
      message: expect.stringContaining(
        'was copied, or restored from a dump), so commit tokens are refused; start `trifold worker`',
      ),
    })

    const worker = await startWorker(copied, { targets: ['item@view'] })
    await until('the next era begins', async () => (await copied.admin.status()).feed.era === 2)
    expect((await copied.admin.status()).feed.branched).toBeUndefined()
    await worker.stop()
  } finally {
    await copied.close()
  }
})
