import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProject, itemConfig, type Project } from '../cli/project.ts'

describe('trifold grant reader', () => {
  let project: Project
  let role: string
  beforeAll(async () => {
    project = await createProject()
    const { name, url, pool } = project.database
    role = `Reader ${name.slice(-12)}`
    await pool.query(`create role "${role}" login password 'secret'`)
    await pool.query(
      `insert into items select id, 'item ' || id from generate_series(1, 50) as id;
      revoke all on schema public from public;
      create schema reports`,
    )
    await project.configure(itemConfig(url, "targets: { table: {}, view: { every: '1h' } },", "schema: 'reports',"))
  })
  afterAll(async () => {
    await project.database.pool.query(`drop owned by "${role}"; drop role "${role}"`)
    await project.close()
  })

  const asReader = async (statement: string): Promise<Record<string, unknown>[]> => {
    const url = new URL(project.database.url)
    url.username = encodeURIComponent(role)
    url.password = 'secret'
    const client = new pg.Client({ connectionString: url.href })
    await client.connect()
    try {
      return (await client.query(statement)).rows
    } finally {
      await client.end()
    }
  }

  it('says which names were never built, and grants nothing on them', async () => {
    const { code, out, err } = await project.cli('grant', 'reader', role, '--run', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual({
      role,
      statements: [],
      missing: ['item', 'item__table', 'item__view'],
      granted: true,
    })
    expect(err).toMatch(/not built yet.*item, item__table, item__view; run this again/)
  })

  it('prints what gives a role the names to read, and changes nothing', async () => {
    expect((await project.cli('rebuild', '--all')).code).toBe(0)
    const { out, err } = await project.cli('grant', 'reader', role)
    expect(out.split('\n')).toEqual([
      `grant usage on schema "reports" to "${role}";`,
      `grant usage on schema "trifold" to "${role}";`,
      `grant select on "reports"."item", "reports"."item__table", "reports"."item__view" to "${role}";`,
      '',
    ])
    expect(err).toBe('')
    await expect(asReader('select from reports.item')).rejects.toThrow('permission denied')
    await project.database.pool.query(out)
    expect(await asReader('select count(*)::integer from reports.item')).toEqual([{ count: 50 }])
    expect(await asReader(`select trifold.as_of('reports.item') < now() as told`)).toEqual([{ told: true }])
  })

  it('grants nothing else, and the grants last when targets are built again', async () => {
    const { code, out } = await project.cli('grant', 'reader', role, 'item', '--run')
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining(`-- done: ${role} may read them`) })
    expect((await project.cli('rebuild', '--all')).code).toBe(0)
    for (const name of ['item', 'item__table', 'item__view'])
      expect(await asReader(`select count(*)::integer from reports.${name}`)).toEqual([{ count: 50 }])
    for (const name of ['public.items', 'trifold.outbox', 'trifold.item__table_g1', 'trifold.generations'])
      await expect(asReader(`select from ${name}`)).rejects.toThrow(/permission denied|relation .* does not exist/)
    await expect(asReader('delete from reports.item')).rejects.toThrow('permission denied')
  })

  it('refuses an unknown role, an unknown read model and a name that is not its own', async () => {
    expect(await project.cli('grant', 'reader', 'nobody"; drop', '--run')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/has no role "nobody""; drop"; create it first.*\[ROLE_UNKNOWN\]/),
    })
    expect((await project.cli('grant', 'reader', role, 'items')).err).toMatch(
      /no read model items.*\[READ_MODEL_UNKNOWN\]/,
    )
    await project.database.pool.query('drop view reports.item__view; create table reports.item__view (id integer)')
    expect((await project.cli('grant', 'reader', role)).err).toMatch(/item__view.*\[FACADE_TAKEN\]/)
  })
})
