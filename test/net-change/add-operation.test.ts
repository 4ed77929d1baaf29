import { expect, it } from 'vitest'
import type { Row } from '../../src/encoding.ts'
import { addOperation } from '../../src/net-change/add-operation.ts'
import type { KeyedOperation } from '../../src/net-change/operations.ts'
import { unseen } from '../../src/net-change/unseen.ts'
import { netChange, rowAfter } from '../../src/net-change.ts'
import { isVisible, parseSnapshot, type Snapshot } from '../../src/snapshot.ts'
import { Random } from '../feed/random.ts'

const runs = 3_000
const columns = ['a', 'b', 'c']

/** An operation that is made again for each use: merging changes what it is given. */
type Recipe = () => KeyedOperation

function recipes(random: Random): Recipe[] {
  return Array.from({ length: random.between(1, 7) }, (_, place) => {
    const at = { ordinal: place + 1, xid: random.between(1, 8) }
    const some = columns.filter(() => random.chance(0.5))
    const row = Object.fromEntries(columns.map((name) => [name, `${name}${place}`]))
    const patch = Object.fromEntries(some.map((name) => [name, `${name}${place}`]))
    const kind = random.pick(['patch', 'patch', 'patch', 'patch', 'set', 'remove', 'fold', 'recompute'] as const)
    if (kind === 'set') return () => ({ ...at, kind, row: { ...row } })
    if (kind === 'patch') return () => ({ ...at, kind, columns: { ...patch } })
    if (kind === 'fold') return () => ({ ...at, kind, next: (before) => ({ ...row, a: `${before?.a ?? ''}+` }) })
    return () => ({ ...at, kind })
  })
}

function snapshotOf(random: Random): Snapshot {
  const xmax = random.between(1, 9)
  const running = Array.from({ length: xmax - 1 }, (_, one) => one + 1).filter(() => random.chance(0.2))
  return parseSnapshot(`${running[0] ?? xmax}:${xmax}:${running.join()}`)
}

const apart = (made: readonly Recipe[]) => made.map((make) => make())

function together(made: readonly Recipe[]): KeyedOperation[] {
  const operations: KeyedOperation[] = []
  for (const make of made) addOperation(operations, make())
  return operations
}

const after = (operations: KeyedOperation[], before: Row | undefined) => rowAfter(netChange(operations), before)

/** What differs between operations that were merged and the same ones apart, in many random histories of one key. */
function differences(shown: typeof unseen): string[] {
  const found: string[] = []
  for (let seed = 0; seed < runs; seed++) {
    const random = new Random(seed)
    const made = recipes(random)
    const snapshot = snapshotOf(random)
    const before = random.chance(0.8) ? { a: 'a', b: 'b', c: 'c' } : undefined
    const expected = after(
      apart(made).filter(({ xid }) => !isVisible(xid, snapshot)),
      before,
    )
    const row = after(shown(together(made), snapshot), before)
    if (row !== 'recompute' && JSON.stringify(sorted(row)) !== JSON.stringify(sorted(expected)))
      found.push(`seed ${seed}: ${JSON.stringify(row)} for ${JSON.stringify(expected)}`)
  }
  return found
}

const sorted = (row: Row | undefined | 'recompute') =>
  typeof row === 'object' ? Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)) : (row ?? null)

it('ends in the same row if a run is written again over a part of itself', () => {
  for (let seed = 0; seed < runs; seed++) {
    const random = new Random(seed)
    const made = recipes(random)
    const before = random.chance(0.8) ? { a: 'a', b: 'b', c: 'c' } : undefined
    const part = random.between(0, made.length)
    const midst = after(apart(made.slice(0, part)), before)
    if (midst === 'recompute') continue
    const again = together(made).filter(({ ordinal }) => ordinal > part)
    expect(sorted(after(again, midst)), `seed ${seed}`).toEqual(sorted(after(apart(made.slice(part)), midst)))
  }
})

it('leaves out of a run what a snapshot shows, or recomputes the key', () => {
  expect(differences(unseen)).toEqual([])
})

it.each<[string, typeof unseen]>([
  [
    'writes all of a run of which some is in the row',
    (operations, ...snapshots) => unseen(operations.map(onlyLast), ...snapshots),
  ],
  ['goes by the lowest transaction', (operations, ...snapshots) => unseen(operations.map(onlyFirst), ...snapshots)],
  [
    'overlooks that one between was still running',
    (operations, snapshot) => unseen(operations, withoutRunning(snapshot)),
  ],
])('catches a design that %s', (_, shown) => {
  expect(differences(shown)).not.toEqual([])
})

it('recomputes only if a snapshot splits a run', () => {
  const patches = (xids: number[]) =>
    together(xids.map((xid) => () => ({ ordinal: xid, xid, kind: 'patch', columns: {} })))
  const kinds = (xids: number[], snapshot: string) =>
    unseen(patches(xids), parseSnapshot(snapshot)).map(({ kind }) => kind)
  expect(kinds([5, 7, 6], '8:8:')).toEqual([])
  expect(kinds([5, 7, 6], '5:5:')).toEqual(['patch'])
  expect(kinds([5, 7, 6], '7:7:')).toEqual(['recompute'])
  expect(kinds([5, 7], '6:8:6')).toEqual(['recompute'])
  expect(kinds([5, 5], '5:8:5')).toEqual(['patch'])
  expect(kinds([5, 7], '3:8:3')).toEqual([])
})

const onlyLast = (operation: KeyedOperation): KeyedOperation => ({ ...operation, xids: undefined })

const onlyFirst = ({ xids, ...operation }: KeyedOperation): KeyedOperation => ({
  ...operation,
  xid: xids?.[0] ?? operation.xid,
})

const withoutRunning = (snapshot: Snapshot | undefined) => snapshot && { ...snapshot, xip: new Set<number>() }
