import type { Producer } from '@platformatic/kafka'
import { TrifoldError } from 'trifold/internal/errors'
import { faultPoint } from 'trifold/internal/fault'
import type { Lease } from 'trifold/internal/lease'
import { moveCursorAlone } from 'trifold/internal/lease/cursor'
import { failureOf, type Observe } from 'trifold/internal/observe'
import { insertParked } from 'trifold/internal/schema/parked'
import { type Brokers, brokerError } from './client.ts'
import type { PreparedPage, Preparing, TooLarge } from './prepare.ts'
import { publish } from './publish.ts'

/** What publishes pages: the session of a relay that has the lease. */
export interface Publishing extends Preparing {
  brokers: Brokers
  producer: Producer<string, string, string, string>
  lease: Lease
  observe: Observe
}

/**
 * Parks what is too large, publishes the rest of a page and its markers, and moves the cursor once all are acknowledged. If it
 * ends in between, the page is published again, with the same sequences.
 *
 * @returns false if the lease is lost
 */
export async function publishPage(options: Publishing, { page, records, tooLarge }: PreparedPage): Promise<boolean> {
  const { client, lease, producer, described, brokers, observe } = options
  const began = performance.now()
  for (const event of tooLarge) if (!(await park(options, event))) return false
  await faultPoint('relay:before-publish')
  await publish(producer, described, records).catch((error) => {
    throw brokerError(brokers, error)
  })
  await faultPoint('relay:acknowledged')
  if (!(await moveCursorAlone(client, lease, page.end))) return false
  await faultPoint('relay:moved')
  observe({
    kind: 'page.applied',
    target: lease.generation.target,
    events: page.events.length,
    keys: page.events.length,
    window: page.window.id,
    ordinal: page.end.ordinal,
    ms: Math.round((performance.now() - began) * 10) / 10,
  })
  return true
}

async function park({ client, lease, described, observe }: Publishing, event: TooLarge): Promise<boolean> {
  const { target } = lease.generation
  const { type, aggregate, position, sequence: ordinal, window } = event
  const error = new TrifoldError(
    'RECORD_TOO_LARGE',
    `relay: the ${type} of ${aggregate} (event ${ordinal}) is larger than the ${described.mostBytes} bytes that the topic ${described.name} takes (max.message.bytes), so it is not published`,
    { details: { type, aggregate, ordinal, position } },
  )
  const { code, message } = error
  const parking = { target, window, ordinal, position, code, message, handlersVersion: 1 }
  if ((await insertParked(client, lease, parking)) === undefined) return false
  observe({ kind: 'event.parked', target, type, ordinal, position, keys: 0, error: failureOf(error) })
  return true
}
