import { stat } from 'node:fs/promises'
import { Admin, Producer, stringSerializers } from '@platformatic/kafka'
import { expect, test } from 'vitest'
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
}
