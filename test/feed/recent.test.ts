import { expect, it } from 'vitest'
import { RecentWindows } from '../../src/feed/recent.ts'
import type { Window } from '../../src/schema/windows.ts'

const window = (id: number, era = 1) => ({ id, era, eventCount: 2 }) as Window
const rows = (id: number, payload = '{}') =>
  [1, 2].map((place) => ({ ordinal: 0, position: 10 * id + place, xid: id, type: 'Counted', payload }))
const cursor = (id: number) => ({ era: 1, window: id, position: undefined, ordinal: 0 })
const idsAfter = (recent: RecentWindows, id: number, limit = 100) =>
  recent.after(cursor(id), limit)?.windows.map((one) => one.id)

it('gives every reader the same rows of all windows that follow it, as many as fit into a page', () => {
  const recent = new RecentWindows()
  for (const id of [1, 2, 3, 4]) recent.keep(window(id), rows(id))
  expect(idsAfter(recent, 1)).toEqual([2, 3, 4])
  expect(idsAfter(recent, 1, 5)).toEqual([2, 3])
  expect(idsAfter(recent, 1, 1)).toEqual([2])
  expect(idsAfter(recent, 4)).toBeUndefined()
  expect(recent.after(cursor(0), 100)?.lists[2]).toBe(recent.after(cursor(2), 100)?.lists[0])
})

it('leaves what follows a gap, or is of another era, to the log', () => {
  const recent = new RecentWindows()
  for (const id of [1, 2, 4]) recent.keep(window(id), rows(id))
  recent.keep(window(5, 2), rows(5))
  expect(idsAfter(recent, 0)).toEqual([1, 2])
  expect(idsAfter(recent, 2)).toBeUndefined()
  expect(idsAfter(recent, 3)).toEqual([4])
  expect(idsAfter(recent, 4)).toBeUndefined()
})

it('forgets the oldest once payloads are many, but not the newest, however large', () => {
  const recent = new RecentWindows()
  const large = 'x'.repeat(1_500_000)
  for (const id of [1, 2, 3]) recent.keep(window(id), rows(id, large))
  expect(idsAfter(recent, 0)).toBeUndefined()
  expect(idsAfter(recent, 1)).toEqual([2, 3])
  recent.keep(window(4), rows(4, 'x'.repeat(9_000_000)))
  expect(idsAfter(recent, 2)).toBeUndefined()
  expect(idsAfter(recent, 3)).toEqual([4])
})
