import { afterAll, beforeAll, expect, it } from 'vitest'
import { dropIndex, indexExists } from '../../../src/materializers/search/index-admin.ts'
import { readState, writeState } from '../../../src/materializers/search/state-document.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../../support/search.ts'
import { createOrderIndex } from './order-index.ts'

interface Counter {
  era: number
  count: number
}

describeWithSearch('The state document', () => {
  let search: TestSearch

  beforeAll(() => {
    search = createSearch()
  })

  afterAll(() => search.close())

  it('is read as it was written, without an index refresh', async () => {
    const index = await createOrderIndex(search)
    expect(await readState(search.client, index)).toEqual({ status: 'absent' })
    const state = { era: 3, nonce: 'a8', window: '9007199254740993', nested: { anything: [1, null] } }
    const version = await writeState(search.client, index, state)
    expect(await readState(search.client, index)).toEqual({ status: 'found', state, ...(version as object) })
  })

  it('is created once', async () => {
    const index = await createOrderIndex(search)
    const attempts = [1, 2, 3, 4].map((era) => writeState(search.client, index, { era }))
    const outcomes = await Promise.all(attempts)
    expect(outcomes.filter((outcome) => outcome !== 'conflict').length).toBe(1)
  })

  it('is not overwritten by a writer that read an earlier state', async () => {
    const index = await createOrderIndex(search)
    const first = await writeState(search.client, index, { era: 1 })
    if (first === 'conflict') return expect.unreachable('nobody else writes here')
    expect(await writeState(search.client, index, { era: 2 }, first)).not.toBe('conflict')
    expect(await writeState(search.client, index, { era: 9 }, first)).toBe('conflict')
    expect(await readState(search.client, index)).toMatchObject({ state: { era: 2 } })
  })

  it('loses no step of two writers that compare and set', async () => {
    const index = await createOrderIndex(search)
    await writeState<Counter>(search.client, index, { era: 1, count: 0 })
    let conflicts = 0
    const step = async (): Promise<void> => {
      const read = await readState<Counter>(search.client, index)
      if (read.status !== 'found') return expect.unreachable(read.status)
      const next = { ...read.state, count: read.state.count + 1 }
      if ((await writeState(search.client, index, next, read)) !== 'conflict') return
      conflicts += 1
      return step()
    }
    const writer = async () => {
      for (let steps = 0; steps < 25; steps += 1) await step()
    }
    await Promise.all([writer(), writer()])
    expect(await readState(search.client, index)).toMatchObject({ state: { era: 1, count: 50 } })
    expect(conflicts).toBeGreaterThan(0)
  })

  it('goes with its index, and a write does not bring the index back', async () => {
    const index = await createOrderIndex(search)
    const version = await writeState(search.client, index, { era: 1 })
    await dropIndex(search.client, index)
    expect(await readState(search.client, index)).toEqual({ status: 'index_missing' })
    for (const expected of [undefined, version as Exclude<typeof version, 'conflict'>]) {
      await expect(writeState(search.client, index, { era: 2 }, expected)).rejects.toMatchObject({
        code: 'SEARCH_FAILED',
        details: { kind: 'index_missing' },
      })
    }
    expect(await indexExists(search.client, index)).toBe(false)
  })
})
