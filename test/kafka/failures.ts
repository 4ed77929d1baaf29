import { expect, test } from 'vitest'
import type { TestBroker } from '../support/kafka.ts'
import { fewOrMany } from '../support/long.ts'
import { until } from '../support/until.ts'
import { type RelayProcess, startProcess, withFolder } from './process.ts'
import { randomOf } from './random.ts'
import { Stand } from './stand.ts'

const points = ['relay:before-publish', 'relay:acknowledged', 'relay:moved']

/** What a relay promises whatever ends or freezes it, or the broker. */
export function failureSuite(broker: () => TestBroker): void {
  const withStand = async (partitions: number, work: (stand: Stand, folder: string) => Promise<void>) => {
    const stand = await Stand.open(broker().brokers, partitions)
    try {
      await withFolder((folder) => work(stand, folder))
    } finally {
      await stand.close()
    }
  }
  const start = (stand: Stand, folder: string, fault = ''): RelayProcess =>
    startProcess(folder, [stand.topic, '--json', '--verbose'], {
      DATABASE_URL: stand.database.url,
      KAFKA_BROKERS: stand.brokers,
      TRIFOLD_FAULT: fault,
      TRIFOLD_LEASE_MS: '1500',
    })

  const seed = Number(process.env.TRIFOLD_TEST_SEED ?? Date.now() % 100_000)
  const rounds = Array.from({ length: fewOrMany(1, 40) }, (_, round) => seed + round)
  test.each(rounds)('killed at any step it loses nothing and keeps the order (seed %i)', async (round) => {
    const random = randomOf(round)
    await withStand([1, 3, 12][random(3)] as number, async (stand, folder) => {
      for (const point of points.sort(() => random(3) - 1)) {
        const relay = start(stand, folder, `${point}:kill:${1 + random(4)}`)
        let isOver = false
        void relay.ended.then(() => {
          isOver = true
        })
        await until('the relay publishes', () => relay.printed().includes('target.leased') || isOver)
        while (!isOver) await stand.write(6, 5)
        expect(await relay.ended, relay.printed()).toBe('SIGKILL')
      }
      await stand.running()
      expect(await stand.faults()).toEqual([])
    })
  })

  test('frozen with a page in hand it publishes nothing that counts once another has taken over', async () => {
    await withStand(3, async (stand, folder) => {
      const frozen = start(stand, folder, 'relay:before-publish:freeze:1')
      await until('the relay has the lease', () => frozen.printed().includes('target.leased'))
      await stand.write(10)
      await until('it is frozen', () => frozen.printed().includes('fault point'))
      await stand.running()
      await stand.write(10)
      await stand.published()
      frozen.child.kill('SIGCONT')
      await until('it notices', () => /lease\.lost|target\.retrying/.test(frozen.printed()))
      frozen.child.kill('SIGTERM')
      expect(await frozen.ended, frozen.printed()).toBe(0)
      await stand.write(10)
      expect(await stand.faults()).toEqual([])
    })
  })

  test('waits for a broker that was killed, says so, and goes on', async () => {
    await withStand(3, async (stand) => {
      await stand.running()
      await stand.write(10)
      await stand.published()
      await broker().kill()
      await stand.write(10)
      await until('it says so', () =>
        stand.observed.some((one) => one.kind === 'target.retrying' && one.error.code === 'KAFKA_UNREACHABLE'),
      )
      expect(await stand.status()).toMatchObject({ reason: expect.stringContaining('do not answer') })
      await broker().restart()
      await stand.write(10)
      expect(await stand.faults()).toEqual([])
    })
  })
}
