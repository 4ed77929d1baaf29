import type pg from 'pg'
import { utcText } from '../../sql.ts'

/** What the outbox knows of an event beside its payload. */
export interface Envelope {
  id: string
  type: string
  /** The version of the payload's schema. */
  version: number
  aggregate: string
  /** ISO 8601 in UTC. */
  appendedAt: string
  trace: string | undefined
}

/** The envelopes of events, by their positions. Those that were dropped are missing. */
export async function readEnvelopes(
  client: Pick<pg.ClientBase, 'query'>,
  positions: readonly number[],
): Promise<Map<number, Envelope>> {
  const { rows } = await client.query({
    name: 'trifold_envelopes',
    text: `
      select position, id, type, version, aggregate, ${utcText('appended_at')} as appended_at, trace
      from trifold.outbox
      where position = any ($1::bigint[])`,
    values: [positions],
    rowMode: 'array',
  })
  return new Map(
    rows.map(([position, id, type, version, aggregate, appendedAt, trace]) => [
      Number(position),
      { id, type, version: Number(version), aggregate, appendedAt, trace: trace ?? undefined },
    ]),
  )
}
