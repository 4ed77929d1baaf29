import { expect, test } from 'vitest'
import type { StackProgress } from '../../packages/stack/src/progress.ts'
import { progressLines } from '../../packages/stack/src/progress-lines.ts'

const fetching = { part: 'opensearch', step: 'fetching OpenSearch 3.8.0' } as const
const events: StackProgress[] = [
  { ...fetching, state: 'begin', elapsedMs: 0 },
  { ...fetching, state: 'update', elapsedMs: 500, detail: '12/160 MB' },
  { ...fetching, state: 'update', elapsedMs: 10_500, detail: '120/160 MB' },
  { part: 'postgres', step: 'starting PostgreSQL 18.4', state: 'failed', elapsedMs: 700, detail: 'why\nits log' },
  { ...fetching, state: 'done', elapsedMs: 12_000, detail: '212 MB' },
]

function written(isTTY: boolean): string {
  let text = ''
  const report = progressLines({ isTTY, columns: 60, write: (more) => (text += more) })
  for (const event of events) report(event)
  return text
}

test('outside a terminal a step is written at its beginning, its end and every ten seconds', () => {
  expect(written(false).trimEnd().split('\n')).toEqual([
    'fetching OpenSearch 3.8.0',
    'fetching OpenSearch 3.8.0: 120/160 MB, 10.5 s',
    'starting PostgreSQL 18.4: failed, why, 0.7 s',
    'fetching OpenSearch 3.8.0: done, 212 MB, 12.0 s',
  ])
})

test('on a terminal running steps share one line that is written over, and ended ones stay above it', () => {
  const shown = written(true).split('\r\x1b[2K')
  expect(shown).toContain('fetching OpenSearch 3.8.0: 12/160 MB, 0.5 s')
  expect(shown).toContain('starting PostgreSQL 18.4: failed, why, 0.7 s\nfetching OpenSearch 3.8.0: 120/160 MB, 10.5 s')
  expect(shown.at(-1)).toBe('fetching OpenSearch 3.8.0: done, 212 MB, 12.0 s\n')
})
