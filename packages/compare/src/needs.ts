import { milliseconds } from 'trifold/internal/span'
import { shownTiming, type Timing } from 'trifold/internal/timing'
import type { ReadableTarget } from 'trifold/internal/toolkit'

const outbox = 'The application appends events in its write transactions, and a handler says what each means.'

/** What it takes to run a target, in sentences. */
export function needsOf(kind: ReadableTarget, timing: Timing | undefined, indexRefresh: string | number): string[] {
  if (kind === 'view') {
    return [
      `A worker runs its definition again (here ${timing ? shownTiming(timing) : 'by hand'}), through BullMQ on Redis or PostgreSQL.`,
      'Neither events nor handlers are needed.',
    ]
  }
  if (kind === 'table') return [outbox, 'A worker (`trifold worker`) applies them; everything stays in PostgreSQL.']
  return [
    outbox,
    `A worker (\`trifold worker\`) applies them and makes them searchable (here every ${milliseconds(indexRefresh)} ms).`,
    'OpenSearch is a second engine to run, to watch, to secure and to upgrade.',
  ]
}
