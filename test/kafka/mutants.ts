import { expect, test } from 'vitest'
import { type KafkaClient, loadClient } from '../../packages/kafka/src/client.ts'
import { markerType } from '../../packages/kafka/src/records.ts'
import type { TestBroker } from '../support/kafka.ts'
import { Stand } from './stand.ts'

interface Message {
  partition: number
  headers: Record<string, string>
}
type Send = (options: { messages: Message[] }) => Promise<unknown>

/** The client with another way to send. @param way is given the real one */
async function clientThat(way: (send: Send) => Send): Promise<KafkaClient> {
  const kafka = await loadClient()
  class Wrong extends kafka.Producer<string, string, string, string> {
    override send = way(super.send.bind(this) as never) as never
  }
  return { ...kafka, Producer: Wrong as never }
}

const isMarker = ({ headers }: Message): boolean => headers.ce_type === markerType

let turn = 0
const wrongDesigns: [name: string, way: (send: Send) => Send, fault: RegExp][] = [
  [
    'gives each record a partition at random',
    (send) =>
      ({ messages }) =>
        send({ messages: messages.map((message) => ({ ...message, partition: turn++ % 3 })) }),
    /is in the partitions/,
  ],
  [
    'sends the markers of a window before its events',
    (send) =>
      ({ messages }) =>
        send({ messages: [...messages.filter(isMarker), ...messages.filter((message) => !isMarker(message))] }),
    /after its marker/,
  ],
  [
    'moves its position before what it has sent is acknowledged',
    (send) => {
      let unsent: Parameters<Send>[0] | undefined
      return async (options) => {
        const before = unsent
        unsent = options // is lost if the process ends here
        if (before) await send(before)
        return {}
      }
    },
    /lost/,
  ],
  [
    'sends the records of a window in another order',
    (send) =>
      ({ messages }) =>
        send({
          messages: [...messages.filter((message) => !isMarker(message)).reverse(), ...messages.filter(isMarker)],
        }),
    /lost|came after/,
  ],
]

/** Wrong designs, each of which the judge of the other suites must find. */
export function mutantSuite(broker: () => TestBroker): void {
  test.each(wrongDesigns)('that %s is found', async (_, way, fault) => {
    const stand = await Stand.open(broker().brokers, 3)
    try {
      const relay = await stand.running({}, () => clientThat(way))
      const writer = await stand.writer()
      for (let round = 0; round < 5; round += 1) await writer.commit('a', 'b', 'a', 'c', 'a', 'd')
      await stand.published()
      await relay.stop()
      expect((await stand.faults()).join('\n')).toMatch(fault)
    } finally {
      await stand.close()
    }
  })
}
