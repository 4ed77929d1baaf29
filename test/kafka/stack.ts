import { stat } from 'node:fs/promises'
import { Admin, Producer, stringSerializers } from '@platformatic/kafka'
import { expect, test } from 'vitest'
import { processLives } from '../../packages/stack/src/orphans.ts'
import type { TestBroker } from '../support/kafka.ts'

/** What the stack promises of its broker. */
export function stackSuite(broker: () => TestBroker): void {
  test('is one broker on the loopback address, in the version of the stack, as an account that is not root', async () => {
    const { brokers, stack } = broker()
    expect(stack.kafkaBrokers).toBe(brokers)
    expect((await stat(stack.engines[0]?.folder as string)).uid).not.toBe(0)
    expect(stack.engines).toMatchObject([{ name: 'kafka', version: '4.1.0', url: `kafka://${brokers}` }])
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [brokers] })
    const metadata = await admin.metadata({ topics: [] })
    expect([...metadata.brokers.values()].map(({ host, port }) => `${host}:${port}`)).toEqual([brokers])
    await admin.close()
  })

  test('makes no topic that nobody asked for', async () => {
    const producer = new Producer({
      clientId: 'test',
      bootstrapBrokers: [broker().brokers],
      serializers: stringSerializers,
      retries: 0,
    })
    await expect(producer.send({ messages: [{ topic: 'misspelt', value: 'a' }] })).rejects.toThrow()
    await producer.close()
  })

  test('keeps its topics in the given folder when it is killed and started again', async () => {
    const { brokers, stack } = broker()
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [brokers] })
    await admin.createTopics({ topics: ['kept'], partitions: 3 })
    const [before] = stack.engines
    await broker().kill()
    await broker().restart()
    expect(processLives(before?.pid as number)).toBe(false)
    const { topics } = await admin.metadata({ topics: ['kept'], forceUpdate: true })
    expect(topics.get('kept')?.partitionsCount).toBe(3)
    await admin.close()
  })
}
