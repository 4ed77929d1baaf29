import type { OutboxFacts } from '../../schema/outbox.ts'
import { inBytes, inSeconds, inThousands } from '../figures.ts'
import { type Checks, ok, problem, warning } from './finding.ts'

/** Positions that the partitions should be ahead of the last event. */
const positionsAhead = 2_000_000

export const outboxChecks: Checks<OutboxFacts> = {
  sequenceCache: ({ sequenceCache }) =>
    sequenceCache === 1
      ? ok('the sequence of positions has cache 1')
      : problem(
          `the sequence of positions has cache ${sequenceCache}: sessions that keep positions back invert the events of one aggregate`,
          'alter sequence trifold.outbox_position cache 1, and rebuild the targets',
        ),
  partitions: ({ partitions, partitionsEnd, lastPosition }) => {
    const ahead = partitionsEnd - 1 - lastPosition
    if (ahead >= positionsAhead)
      return ok(`${partitions} partitions of the outbox, ${inThousands(ahead)} positions ahead of the last event`)
    return warning(
      `the partitions of the outbox end ${inThousands(Math.max(0, ahead))} positions after the last event`,
      'start `trifold worker`, which creates the next one',
    )
  },
  retention: ({ bytes, oldest, held }) => {
    const day = 86_400_000
    const growth = oldest && oldest > day / 24 ? `, about ${inBytes((bytes * day) / oldest)} a day` : ''
    const use = `the outbox has ${inBytes(bytes)}${oldest ? ` of the last ${inSeconds(oldest)}${growth}` : ''}`
    if (held.partitions === 0) return ok(use)
    return warning(
      `${use}; ${held.by.join(', ')} ${held.by.length === 1 ? 'has' : 'have'} yet to read ` +
        `${held.partitions === 1 ? 'a closed partition' : `${held.partitions} closed partitions`} of ${inBytes(held.bytes)}`,
      'start `trifold worker`, or remove the target; above `outbox.cap` it is cut off and needs a rebuild',
    )
  },
  defaultPartition: ({ defaultRows }) =>
    defaultRows === 0
      ? ok('the default partition of the outbox is empty')
      : warning(
          `the default partition of the outbox holds ${defaultRows === 1_000 ? '1,000 rows or more' : `${defaultRows} rows`}: ` +
            'they keep the partition of their range from being created',
          'nothing is lost or late; move them in a quiet hour: detach trifold.outbox_default, create the range partition, insert them, attach an empty default',
        ),
}
