import { expect, test } from 'vitest'
import type { TestBroker } from '../support/kafka.ts'
import { until } from '../support/until.ts'
import { startProcess, withFolder } from './process.ts'
import { Stand } from './stand.ts'
import { withAdmin } from './topic.ts'

/** What a relay refuses. */
export function refusalSuite(broker: () => TestBroker): void {
  const withStand = async (work: (stand: Stand) => Promise<void>) => {
    const stand = await Stand.open(broker().brokers, 2)
    try {
      await work(stand)
    } finally {
      await stand.close()
    }
  }
  const refusal = (message: string) => ({ code: 'TOPIC_UNFIT', message: expect.stringContaining(message) })
  const begun = async (stand: Stand) => {
    const relay = await stand.running()
    await stand.write(2)
    await stand.published()
    await relay.stop()
  }

  test('a topic that is missing', async () => {
    await withStand(async (stand) => {
      const relay = stand.relay({ topic: 'misspelt' })
      await expect(relay.ended).rejects.toMatchObject(refusal('there is no topic misspelt'))
    })
  })

  test('a topic whose number of partitions has changed', async () => {
    await withStand(async (stand) => {
      await begun(stand)
      await withAdmin(stand.brokers, (admin) =>
        admin.createPartitions({ topics: [{ name: stand.topic, count: 3, assignments: null as never }] }),
      )
      await expect(stand.relay().ended).rejects.toMatchObject(refusal('has 3 partitions and had 2'))
    })
  })

  test('a topic that was made again under the same name, even with fewer partitions', async () => {
    await withStand(async (stand) => {
      await begun(stand)
      await withAdmin(stand.brokers, async (admin) => {
        await admin.deleteTopics({ topics: [stand.topic] })
        await until('the topic is gone', async () => !(await admin.listTopics()).includes(stand.topic))
        await admin.createTopics({ topics: [stand.topic], partitions: 1, replicas: 1 })
        await until('it is there again', async () => (await admin.listTopics()).includes(stand.topic))
      })
      await expect(stand.relay().ended).rejects.toMatchObject(refusal('is another topic of the same name'))
    })
  })

  test('a topic that was begun under another contract', async () => {
    await withStand(async (stand) => {
      await begun(stand)
      await stand.database.pool.query(
        `update trifold.generations set settings = jsonb_set(settings, '{contract}', '2')`,
      )
      await expect(stand.relay().ended).rejects.toMatchObject(refusal('was begun under contract 2'))
    })
  })

  test('on the command line: no brokers, addresses that are none, and to forget a relay that runs', async () => {
    await withStand(async (stand) => {
      await withFolder(async (folder) => {
        const said = async (args: string[], brokers = '') => {
          const relay = startProcess(folder, args, { DATABASE_URL: stand.database.url, KAFKA_BROKERS: brokers })
          return { code: await relay.ended, text: relay.printed() }
        }
        expect(await said([stand.topic])).toEqual({
          code: 1,
          text: expect.stringContaining('no brokers are named; give --brokers or KAFKA_BROKERS'),
        })
        expect(await said([stand.topic, '--brokers', 'http://a'])).toEqual({
          code: 2,
          text: expect.stringContaining('write addresses as host:port'),
        })
        expect(await said(['misspelt'], stand.brokers)).toEqual({
          code: 1,
          text: expect.stringContaining('[TOPIC_UNFIT]'),
        })
        const relay = await stand.running()
        expect(await said([stand.topic, '--forget'])).toEqual({
          code: 1,
          text: expect.stringContaining('[TARGET_KEPT]'),
        })
        await relay.stop()
        const forgotten = await said([stand.topic, '--forget'])
        expect(forgotten).toEqual({ code: 0, text: expect.stringContaining('keeps no events') })
      })
    })
  })
}
