import { expect, test } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { openClient } from '../../src/database.ts'
import { Feed } from '../../src/feed.ts'
import { migrate } from '../../src/migrate.ts'
import { token } from '../../src/outbox/token.ts'
import { openWhenReachable } from '../../src/worker/open.ts'
import { Cluster, clusterUnavailable } from '../support/cluster.ts'
import { marketConfig, marketTables } from '../support/market.ts'
import { Observed } from '../support/observed.ts'

const unavailable = clusterUnavailable()

test.skipIf(unavailable !== '')(
  'refuses to tick and to give tokens on a standby, and a worker waits, until it is promoted',
  async () => {
    const observed = new Observed()
    const primary = await Cluster.create()
    try {
      await migrate(primary.url)
      await primary.query(marketTables)
      const standby = await primary.standby()
      await standby.start()
      try {
        await expect(Feed.open(standby.url)).rejects.toMatchObject({ code: 'DATABASE_STANDBY' })
        const client = await openClient(standby.url, { name: 'test' })
        await client.query('begin')
        await expect(token(client)).rejects.toMatchObject({ code: 'DATABASE_STANDBY' })
        await client.query('rollback')
        const opening = openWhenReachable(resolveConfig(marketConfig({ database: standby.url })), {
          observe: observed.observe,
          signal: new AbortController().signal,
        })
        await observed.when('worker.waiting')
        expect(observed.text()).toContain('is a standby; point DATABASE_URL at the primary')
        await standby.promote()
        await (await opening)?.close()
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
  },
)
