import { expect, it } from 'vitest'
import type { Row } from '../src/encoding.ts'
import type { KeyedOperation } from '../src/net-change/operations.ts'
import { netChange, rowAfter } from '../src/net-change.ts'

const add = (ordinal: number): KeyedOperation => ({
  ordinal,
  xid: 1,
  kind: 'fold',
  next: (row: Row | undefined) => ({ count: Number(row?.count ?? 0) + 1 }),
})

it.each([[undefined], [{ count: 5 }]])('folds as many events of one key as a page can have, from %j', (before) => {
  const operations = Array.from({ length: 200_000 }, (_, ordinal) => add(ordinal))
  expect(rowAfter(netChange(operations), before)).toEqual({ count: 200_000 + (before?.count ?? 0) })
})

it('recomputes a missing row that a patch comes to, before folds and between them', () => {
  const patch: KeyedOperation = { ordinal: 1, xid: 1, kind: 'patch', columns: { count: 7 } }
  const gone: KeyedOperation = { ordinal: 2, xid: 1, kind: 'fold', next: () => null }
  expect(rowAfter(netChange([patch, add(2)]), undefined)).toBe('recompute')
  expect(rowAfter(netChange([patch, add(2)]), { count: 1 })).toEqual({ count: 8 })
  expect(rowAfter(netChange([gone, patch, add(3)]), { count: 1 })).toBe('recompute')
  expect(rowAfter(netChange([gone, add(3), patch]), { count: 1 })).toEqual({ count: 7 })
  expect(rowAfter(netChange([add(1), gone]), { count: 1 })).toBeUndefined()
})
