import { expect, test } from 'vitest'
import { forgetRelay } from '../../packages/kafka/src/forget.ts'
import { newEra, raiseEra } from '../../src/era.ts'
import { readHoldingCursors } from '../../src/schema/consumers.ts'
import { relayTarget } from '../../src/target.ts'
import type { TestBroker } from '../support/kafka.ts'
import { until } from '../support/until.ts'
import { Stand } from './stand.ts'

/** What a relay promises while nothing fails. */
export function relaySuite(broker: () => TestBroker): void {
  const withStand = async (
    partitions: number,
    work: (stand: Stand) => Promise<void>,
    settings?: Record<string, string>,
  ) => {
    const stand = await Stand.open(broker().brokers, partitions, settings)
    try {
      await work(stand)
    } finally {
      await stand.close()
    }
  }

  test.each([1, 12])(
    'publishes each event once, in order, with markers in each of %i partitions',
    async (partitions) => {
      await withStand(partitions, async (stand) => {
        await stand.running()
        await stand.write(60)
        expect(await stand.faults()).toEqual([])
        const records = await stand.records()
        const markers = records.filter(({ headers }) => headers.ce_type === 'trifold.marker')
        expect(new Set(markers.map(({ partition }) => partition)).size).toBe(partitions)
        expect(JSON.parse(markers.at(-1)?.value as string)).toMatchObject({ contract: 1, partitions, era: 1 })
      })
    },
  )

  test('says of an event what CloudEvents asks for, and its place', async () => {
    await withStand(3, async (stand) => {
      await stand.running({ source: 'https://shop.example/orders' })
      await stand.write(1)
      await stand.published()
      const { rows } = await stand.database.pool.query('select id, xid::text from trifold.outbox')
      const event = (await stand.records()).find(({ headers }) => headers.ce_type === 'Counted')
      expect(event).toMatchObject({ key: 'a0', value: expect.stringContaining('"count":1') })
      expect(event?.headers).toEqual({
        'content-type': 'application/json',
        ce_specversion: '1.0',
        ce_id: rows[0].id,
        ce_source: 'https://shop.example/orders',
        ce_type: 'Counted',
        ce_subject: 'a0',
        ce_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        ce_trifoldera: '1',
        ce_trifoldwindow: '1',
        ce_trifoldsequence: '1',
        ce_trifoldversion: '1',
      })
    })
  })

  test('begins with the next event, goes on where it ended, and holds what it has not read', async () => {
    await withStand(3, async (stand) => {
      await stand.write(3, 3)
      const first = await stand.running()
      await first.stop()
      await stand.write(10, 3)
      const holding = await readHoldingCursors(stand.database.pool, 'outbox_p0')
      expect(holding.map(({ target }) => target)).toEqual([relayTarget(stand.topic)])
      expect(await stand.status()).toMatchObject({
        verdict: 'red',
        reason: expect.stringContaining('no relay runs, and 10 events wait'),
      })
      await stand.running()
      await stand.published()
      const events = (await stand.records()).filter(({ headers }) => headers.ce_type === 'Counted')
      const sequences = events.map(({ headers }) => Number(headers.ce_trifoldsequence)).sort((a, b) => a - b)
      expect(sequences).toEqual(Array.from({ length: 10 }, (_, place) => place + 4))
      expect(await stand.status()).toMatchObject({ verdict: 'green', lag: 0, eventsWaiting: 0, parkedEvents: 0 })
    })
  })

  test('lets one of two publish, and the other take over', async () => {
    await withStand(3, async (stand) => {
      const first = await stand.running()
      stand.relay()
      await until('the second waits', () => stand.observed.some(({ kind }) => kind === 'target.waiting'))
      await stand.write(20)
      await stand.published()
      await first.stop()
      await stand.write(20)
      expect(await stand.faults()).toEqual([])
      expect(stand.observed.filter(({ kind }) => kind === 'target.leased')).toHaveLength(2)
    })
  })

  test('parks an event that the topic does not take, names it, and goes on', async () => {
    const settings = { 'max.message.bytes': '2000' }
    await withStand(
      2,
      async (stand) => {
        await stand.running()
        await stand.write(2, 1)
        const { rows } = await stand.database.pool.query(
          `select trifold.append(json_build_array(json_build_object(
            'type', 'Large', 'aggregate', 'b', 'payload', json_build_object('text', repeat('x', 3000))
          )))`,
        )
        expect(rows).toHaveLength(1)
        await stand.write(40, 1)
        await stand.published()
        const parked = await stand.database.pool.query('select type, code, message, target from trifold.parked')
        expect(parked.rows).toEqual([
          {
            type: 'Large',
            code: 'RECORD_TOO_LARGE',
            message: expect.stringContaining('the Large of b (event 3) is larger than the 2000 bytes'),
            target: relayTarget(stand.topic),
          },
        ])
        expect(await stand.status()).toMatchObject({ verdict: 'yellow', parkedEvents: 1 })
        const faults = await stand.faults()
        expect(faults).toEqual([expect.stringMatching(/^lost: .*"aggregate":"b"/)])
      },
      settings,
    )
  })

  test('goes on in a new era, above every number of the one before', async () => {
    await withStand(3, async (stand) => {
      await stand.running()
      await stand.write(10)
      await stand.published()
      const client = await stand.database.pool.connect()
      await raiseEra(client, 1, undefined, 'log').finally(() => client.release())
      await stand.write(10)
      expect(await stand.faults()).toEqual([])
      const eras = new Set((await stand.records()).map(({ headers }) => headers.ce_trifoldera))
      expect(eras).toEqual(new Set(['1', '2']))
    })
  })

  test('ends at an era in which nothing of before counts, and begins again in the same topic if it is told so', async () => {
    await withStand(2, async (stand) => {
      const relay = await stand.running()
      await stand.write(3)
      await stand.published()
      const client = await stand.database.pool.connect()
      await newEra(client).finally(() => client.release())
      await expect(relay.ended).rejects.toMatchObject({
        code: 'RELAY_GAP',
        message: expect.stringContaining('its cursor belongs to era 1'),
      })
      expect(await forgetRelay(stand.database.pool, stand.topic)).toBe(true)
      await expect(stand.relay().ended).rejects.toMatchObject({
        code: 'TOPIC_UNFIT',
        message: expect.stringContaining('has records already'),
      })
      await stand.running({ intoExisting: true })
      await stand.write(3)
      await stand.published()
      const eras = (await stand.records()).map(({ headers }) => headers.ce_trifoldera)
      expect(new Set(eras)).toEqual(new Set(['1', '2']))
    })
  })
}
