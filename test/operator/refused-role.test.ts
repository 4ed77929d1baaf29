import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TrifoldConfig } from '../../src/config.ts'
import type { Status } from '../../src/operator/status.ts'
import { openTrifold } from '../../src/trifold.ts'
import { createProject, itemConfig, type Project } from '../cli/project.ts'

describe('what the settings of a role, or a dropped schema, keep from working', () => {
  let project: Project
  let role: string
  const alter = (change: string) => project.database.pool.query(`alter role ${role} ${change}`)
  beforeAll(async () => {
    project = await createProject()
    const { name, url, pool } = project.database
    role = `owner_${name.slice(-12)}`
    await pool.query(`create role ${role} superuser login password 'secret'`)
    const own = new URL(url)
    own.username = role
    own.password = 'secret'
    await project.configure(itemConfig(own.toString()))
    expect((await project.cli('rebuild', '--outdated')).code).toBe(0)
  })
  afterAll(async () => {
    await project.database.pool.query(
      `reassign owned by ${role} to current_user; drop owned by ${role}; drop role ${role}`,
    )
    await project.close()
  })

  it('is a transaction that can only read', async () => {
    await alter('set default_transaction_read_only = on')
    const { targets } = JSON.parse((await project.cli('status', '--json')).out) as Status
    expect(targets[0]?.reason).toMatch(/no worker keeps it; default_transaction_read_only is on for this role/)
    await alter('reset default_transaction_read_only')
  })

  it('is a statement_timeout that ends every look', async () => {
    await alter('set statement_timeout = 100')
    const { pool } = project.database
    const client = await pool.connect()
    await client.query('begin; lock table trifold.windows in access exclusive mode')
    const { err } = await project.cli('status')
    await client.query('rollback')
    client.release()
    expect(err).toMatch(/statement timeout; take statement_timeout off the role.*\[STATEMENT_TIMEOUT\]/)
    await alter('reset statement_timeout')
  })

  it('is a limit of connections', async () => {
    await alter('nosuperuser connection limit 0')
    const { err } = await project.cli('status')
    await alter('superuser connection limit -1')
    expect(err).toMatch(/too many connections for role .*raise max_connections or the connection limit of the role/)
  })

  it('is the schema, also for an application that is open: in words', async () => {
    const config: TrifoldConfig = (await import(`${project.folder}/trifold.config.2.mjs`)).default
    const trifold = await openTrifold({ ...config, root: project.folder })
    try {
      await project.database.pool.query('drop schema trifold cascade')
      await expect(trifold.readModel('item').find({ after: '1.3' })).rejects.toMatchObject({
        code: 'DATABASE_NOT_MIGRATED',
        message: expect.stringContaining('run `trifold migrate`'),
      })
    } finally {
      await trifold.close()
    }
  })
})
