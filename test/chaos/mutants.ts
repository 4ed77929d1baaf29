// Wrong designs that a run must notice.
import { setTimeout as rest } from 'node:timers/promises'
import type { EventFed } from '../../src/materializer.ts'
import type { Toolkit } from '../../src/toolkit.ts'

/**
 * `cursor first`, `rows first`: cursor and rows of a table change in two transactions, not in one. `token ignored`: a read does
 * not wait for its commit.
 */
export const mutants = ['cursor first', 'rows first', 'token ignored'] as const

export type Mutant = (typeof mutants)[number]

/** How long a page is half done: long enough to be hit, short enough to keep up. */
const between = 500

/** Gives the tables of a worker a wrong way to apply pages, if the mutant is about that. */
export function breakTables({ targets }: Toolkit, mutant: Mutant | undefined): void {
  if (mutant !== 'cursor first' && mutant !== 'rows first') return
  for (const [name, materializer] of targets)
    if (name.endsWith('@table') && materializer.fedBy === 'events') inTwoSteps(materializer, mutant)
}

function inTwoSteps(materializer: EventFed, mutant: 'cursor first' | 'rows first'): void {
  const apply = materializer.apply.bind(materializer)
  materializer.apply = async (page, changes, lease, client) => {
    const rows = () => apply(mutant === 'rows first' ? { ...page, end: lease.cursor } : page, changes, lease, client)
    const cursor = () => apply(page, { byKey: new Map(), wheres: [] }, lease, client)
    const [first, second] = mutant === 'rows first' ? [rows, cursor] : [cursor, rows]
    const applied = await first()
    if (applied.kind === 'lost') return applied
    await rest(between)
    return second()
  }
}
