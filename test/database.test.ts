import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openClient } from '../src/database.ts'
import { describeDefinition } from '../src/definition.ts'
import { leaseMilliseconds } from '../src/lease-time.ts'
import type { TestDatabase } from './support/database.ts'
import { marketViews } from './support/market/context.ts'
import { createMarket } from './support/market/database.ts'
import { marketModels } from './support/market.ts'

describe('a session of the toolkit', () => {
  let database: TestDatabase

  beforeEach(async () => {
    database = await createMarket()
  })
  afterEach(() => database.close())

  const settingsOf = async (url: string): Promise<Record<string, string>> => {
    const client = await openClient(url, { name: 'test', settings: { lock_timeout: '1234' } })
    const { rows } = await client.query(
      `select name, setting
      from pg_settings
      where name in ('TimeZone', 'DateStyle', 'search_path', 'application_name', 'lock_timeout', 'statement_timeout')`,
    )
    await client.end()
    return Object.fromEntries(rows.map((row) => [row.name, row.setting]))
  }

  it('keeps its settings whatever the address says, and takes a search_path from there', async () => {
    const options = encodeURIComponent('-c timezone=Asia/Tokyo -c search_path=other -c lock_timeout=1')
    const url = `${database.url}?options=${options}&application_name=mine&statement_timeout=1`
    expect(await settingsOf(url)).toMatchObject({
      TimeZone: 'UTC',
      DateStyle: 'ISO, MDY',
      search_path: 'other',
      application_name: 'trifold test',
      lock_timeout: '1234',
      statement_timeout: '0',
    })
  })

  it('keeps no transaction in which it idles for more than half a lease', async () => {
    const client = await openClient(database.url, { name: 'test' })
    const { rows } = await client.query(
      `select current_setting('idle_in_transaction_session_timeout')::interval = $1`,
      [`${leaseMilliseconds / 2} ms`],
    )
    expect(Object.values(rows[0])).toEqual(['t'])
    await client.end()
  })

  it('refuses to read a table through a policy of row level security, and says what the role lacks', async () => {
    const role = `${database.name}_worker`
    await database.pool.query(`
      create role ${role} login password '${role}';
      grant select on orders, products to ${role};
      alter table orders enable row level security;
      create policy few on orders using (id < 3)`)
    const url = asRole(database.url, role)
    try {
      const client = await openClient(url, { name: 'test' })
      const described = describeDefinition(client, marketViews, 'plain_order', marketModels.plain_order)
      await expect(described).rejects.toMatchObject({
        code: 'DEFINITION_INVALID',
        message: expect.stringMatching(/row-level security policy for table "orders"; .* BYPASSRLS/),
      })
      await client.end()
      const owner = await openClient(database.url, { name: 'test' })
      await describeDefinition(owner, marketViews, 'plain_order', marketModels.plain_order)
      await owner.end()
    } finally {
      await database.pool.query(`drop owned by ${role}; drop role ${role}`)
    }
  })
})

function asRole(address: string, role: string): string {
  const url = new URL(address)
  url.username = role
  url.password = role
  return url.toString()
}
