import { expect, test } from 'vitest'
import { openClient } from '../../src/database.ts'
import { Feed } from '../../src/feed.ts'
import { migrate } from '../../src/migrate.ts'
import { token } from '../../src/outbox/token.ts'
import { Cluster, clusterUnavailable } from '../support/cluster.ts'

const unavailable = clusterUnavailable()

test.skipIf(unavailable !== '')('refuses to tick and to give tokens on a standby, until it is promoted', async () => {
  const primary = await Cluster.create()
  try {
    await migrate(primary.url)
    const standby = await primary.standby()
    await standby.start()
    try {
      await expect(Feed.open(standby.url)).rejects.toMatchObject({ code: 'DATABASE_STANDBY' })
      const client = await openClient(standby.url, { name: 'test' })
      await client.query('begin')
      await expect(token(client)).rejects.toMatchObject({ code: 'DATABASE_STANDBY' })
      await client.query('rollback')
      await standby.promote()
      const feed = await Feed.open(standby.url)
      expect(await feed.tick({ evenIfEmpty: true })).toMatchObject({ stored: true, window: { id: 1 } })
      await feed.close()
      await client.end()
    } finally {
      await standby.close()
    }
  } finally {
    await primary.close()
  }
})
