import { expect, test } from 'vitest'
import { openClient } from '../../src/database.ts'
import { Feed } from '../../src/feed.ts'
import { migrate } from '../../src/migrate.ts'
import { token } from '../../src/outbox/token.ts'
import { serverPrograms, startPrimary, startStandby } from './cluster.ts'

const programs = await serverPrograms()

test('refuses to tick and to give tokens on a standby, until it is promoted', async ({ skip }) => {
  if (!programs && process.env.CI) throw new Error('this test needs pg_basebackup; install the PostgreSQL server')
  if (!programs) return skip('pg_basebackup is not installed')
  const primary = await startPrimary(programs)
  try {
    await migrate(primary.url)
    const standby = await startStandby(programs, primary)
    try {
      await expect(Feed.open(standby.url)).rejects.toMatchObject({ code: 'DATABASE_STANDBY' })
      const client = await openClient(standby.url, { name: 'test' })
      await client.query('begin')
      await expect(token(client)).rejects.toMatchObject({ code: 'DATABASE_STANDBY' })
      await client.query('rollback')
      await client.query('select pg_promote()')
      const feed = await Feed.open(standby.url)
      expect(await feed.tick({ evenIfEmpty: true })).toMatchObject({ stored: true, window: { id: 1 } })
      await feed.close()
      await client.end()
    } finally {
      await standby.stop()
    }
  } finally {
    await primary.stop()
  }
})
