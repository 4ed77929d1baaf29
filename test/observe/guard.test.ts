import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { guarded, type Observation, type Observe } from '../../src/observe.ts'
import { until } from '../support/until.ts'

const waiting: Observation = { kind: 'target.waiting', target: 'order_summary@table' }

describe('an observer', () => {
  let warnings: Error[]
  const note = (warning: Error) => warnings.push(warning)
  beforeEach(() => {
    warnings = []
    process.on('warning', note)
  })
  afterEach(() => void process.off('warning', note))

  const whenWarned = () => until('a warning', () => warnings.length > 0)

  it('that throws is a warning once, is called again, and keeps nothing from the others', async () => {
    const seen: Observation[] = []
    let calls = 0
    const observe = guarded([
      () => {
        calls += 1
        throw new Error('no disk')
      },
      (observation) => void seen.push(observation),
    ])
    for (let n = 0; n < 3; n++) observe?.(waiting)
    await whenWarned()
    expect(calls).toBe(3)
    expect(seen).toEqual([waiting, waiting, waiting])
    expect(warnings).toMatchObject([
      { code: 'OBSERVER_FAILED', message: expect.stringMatching(/target\.waiting: no disk/) },
    ])
  })

  it('that rejects later is a warning once, and no unhandled rejection', async () => {
    const rejecting: Observe = async () => {
      throw 'late' // not even an error
    }
    const observe = guarded(rejecting)
    observe?.(waiting)
    observe?.(waiting)
    await whenWarned()
    expect(warnings).toMatchObject([{ code: 'OBSERVER_FAILED', message: expect.stringContaining('late') }])
  })

  it('is undefined if there is none, so that nothing is made for it', () => {
    expect(guarded(undefined)).toBeUndefined()
    expect(guarded([])).toBeUndefined()
  })
})
