import { expect, it } from 'vitest'
import type { Failure, Observation } from '../../src/observe.ts'
import { describeObservation } from '../../src/operator/describe.ts'

const target = 'order_summary@table'
const error: Failure = { code: 'UNEXPECTED', message: 'out of luck', details: {} }

const lines: [Observation, string][] = [
  [{ kind: 'worker.started', targets: [target], pid: 7 }, `worker: runs ${target} (process 7)`],
  [{ kind: 'worker.stopping' }, 'worker: asked to stop: finishing what is under way'],
  [
    { kind: 'target.leased', target, generation: 2, epoch: 3, era: 1, window: 9, ordinal: 1_233 },
    `${target}: consuming from event 1,234 (generation 2, epoch 3)`,
  ],
  [
    { kind: 'target.retrying', target, attempt: 2, retryInMs: 200, error },
    `${target}: out of luck (attempt 2); trying again in 200 ms`,
  ],
  [
    { kind: 'page.applied', target, events: 1, keys: 1, window: 1, ordinal: 5, ms: 1.26 },
    `${target}: applied 1 event to 1 key in 1.3 ms, up to event 5`,
  ],
  [{ kind: 'rebuild.progressed', target, rows: 1_000 }, `${target}: built 1,000`],
  [{ kind: 'rebuild.progressed', target, rows: 1_000, total: 3_000 }, `${target}: built 1,000 of 3,000 (33 %)`],
  [
    { kind: 'era.began', era: 2, reason: 'timeline', from: '00000001', to: '00000002' },
    'era: era 2 began: the timeline changed, so indexes are rebuilt (00000001 to 00000002)',
  ],
  [{ kind: 'queue.failed', count: 12, error }, 'queue: out of luck (12 times)'],
]

it.each(lines)('writes $kind as a line of English', (observation, line) => {
  expect(describeObservation(observation)).toBe(line)
})
