import type pg from 'pg'
import { atSnapshot } from '../../definition/at-snapshot.ts'
import { keyText } from '../../definition/key.ts'
import { keysWhere, rowsByKey } from '../../definition/rows.ts'
import type { Definition } from '../../definition.ts'
import type { Row, Value } from '../../encoding.ts'
import { faultPoint } from '../../fault.ts'
import type { PageEnd } from '../../feed.ts'
import { cursorMoved, cursorValues, moveCursorAlone, moveCursorInTransaction } from '../../lease/cursor.ts'
import { rememberRowSnapshots } from '../../lease/row-snapshots.ts'
import type { Lease } from '../../lease.ts'
import type { Applied } from '../../materializer.ts'
import type { Changes } from '../../net-change/operations.ts'
import { type NetChange, rowAfter } from '../../net-change.ts'
import { currentSnapshot, type Snapshot } from '../../snapshot.ts'
import { addChange, type PendingKey, type Plan, planOf } from './plan.ts'
import { withColumn } from './refused-column.ts'
import { countRows, noRowChanges, type RowChanges } from './row-changes.ts'
import { applyStatement, missingRowMark, type Statement } from './statement.ts'

/** Prepared statements so far: a connection may apply to several generations, and in it a name means one text. */
let statementNames = 0

/** Applies pages to one generation of a table: rows and cursor in one transaction. */
export class TableApply {
  private readonly client: pg.ClientBase
  private readonly definition: Definition
  private readonly relation: string
  private readonly names = new Map<string, string>()
  private planned: { changes: Changes; plan: Plan } | undefined

  /** @param relation quoted and qualified */
  constructor(client: pg.ClientBase, definition: Definition, relation: string) {
    this.client = client
    this.definition = definition
    this.relation = relation
  }

  /**
   * One statement if the page says all of the rows; a transaction if rows must be read or recomputed first, or
   * if the statement found that a patched row is missing.
   */
  async apply(page: PageEnd, changes: Changes, lease: Lease): Promise<Applied> {
    const plan = this.takePlan(changes, lease)
    await faultPoint('table:before-apply')
    const result = await this.applyPlan(page, changes, plan, lease)
    await faultPoint('table:after-apply')
    return result
  }

  private async applyPlan(page: PageEnd, changes: Changes, plan: Plan, lease: Lease): Promise<Applied> {
    try {
      const applied = plan.needsRows ? undefined : await this.atOnce(page, plan, lease)
      return applied ?? (await this.readingRows(page, changes, plan.pending, lease))
    } catch (error) {
      throw await withColumn(this.client, this.definition, changes, error)
    }
  }

  /** Plans a page while the one before it is applied. */
  planPage(changes: Changes, lease: Lease): void {
    const plan = lease.rowSnapshots.size === 0 ? planOf(this.definition, this.relation, changes, lease) : undefined
    this.planned = plan && { changes, plan }
  }

  /** A recompute in the page before may have remembered snapshots that the plan does not know. */
  private takePlan(changes: Changes, lease: Lease): Plan {
    const { planned } = this
    this.planned = undefined
    if (planned?.changes === changes && lease.rowSnapshots.size === 0) return planned.plan
    return planOf(this.definition, this.relation, changes, lease)
  }

  /** Returns undefined if a patched row is missing: nothing was applied then. */
  private async atOnce(page: PageEnd, { statement, written }: Plan, lease: Lease): Promise<Applied | undefined> {
    const moved = statement
      ? await this.moveWith(statement, page, lease)
      : await moveCursorAlone(this.client, lease, page.end)
    if (moved === undefined) return undefined
    return moved ? { kind: 'applied', written, recomputed: false, passed: page.snapshot } : { kind: 'lost' }
  }

  private async moveWith({ text, values }: Statement, page: PageEnd, lease: Lease): Promise<boolean | undefined> {
    try {
      const result = await this.run({ text, values: [...cursorValues(lease, page.end), ...values] })
      if (result.rows[0].moved !== '1') return false
      cursorMoved(lease, page.end)
      return true
    } catch (error) {
      if (isMissingRow(error)) return undefined
      throw error
    }
  }

  private async readingRows(page: PageEnd, changes: Changes, pending: PendingKey[], lease: Lease): Promise<Applied> {
    try {
      const work = () => this.inSnapshot(page, changes, pending, lease)
      const done = await atSnapshot(this.client, lease.generation.resolution, 'repeatable read', work)
      if (!done) return { kind: 'lost' }
      cursorMoved(lease, page.end)
      for (const text of done.recomputed) lease.rowSnapshots.set(text, done.snapshot)
      const { written, recomputed } = done
      return { kind: 'applied', written, recomputed: recomputed.length > 0, passed: page.snapshot }
    } catch (error) {
      // 40001: cursor or rows were changed after the snapshot, so another consumer or a repair was here.
      if ((error as pg.DatabaseError).code === '40001') return { kind: 'lost' }
      throw error
    }
  }

  private async inSnapshot(
    page: PageEnd,
    changes: Changes,
    pending: PendingKey[],
    lease: Lease,
  ): Promise<{ written: number; recomputed: string[]; snapshot: Snapshot } | undefined> {
    await this.client.query(plannerDefaults)
    if (!(await moveCursorInTransaction(this.client, lease, page.end))) return undefined
    await faultPoint('table:cursor-moved')
    const snapshot = await currentSnapshot(this.client)
    const { changed, recompute } = await this.settle(changes, pending)
    const fresh = await rowsByKey(this.client, { definition: this.definition }, [...recompute.values()])
    for (const [text, key] of recompute) addChange(changed, key, freshChange(fresh.get(text)))
    if (countRows(changed) > 0) await this.run(applyStatement(this.definition, this.relation, changed, false))
    await faultPoint('table:rows-written')
    await rememberRowSnapshots(this.client, lease, [...recompute.keys()], snapshot)
    return { written: countRows(changed), recomputed: [...recompute.keys()], snapshot }
  }

  /** Decides every key with the row before in hand: what is written, and what is recomputed. */
  private async settle(
    changes: Changes,
    pending: PendingKey[],
  ): Promise<{ changed: RowChanges; recompute: Map<string, Value[]> }> {
    const { definition, relation, client } = this
    const recompute = new Map<string, Value[]>()
    for (const { where } of changes.wheres) {
      const keys = [
        ...(await keysWhere(client, { definition }, where)),
        ...(await keysWhere(client, { definition, relation }, where)),
      ]
      for (const key of keys) recompute.set(keyText(definition.key, key), key)
    }
    const dependent = pending.filter(({ change }) => change.kind === 'derive' || change.kind === 'patch')
    const before = await rowsByKey(
      client,
      { definition, relation },
      dependent.map(({ key }) => key),
    )
    const changed = noRowChanges()
    for (const { key, change } of pending) {
      const text = keyText(definition.key, key)
      if (recompute.has(text)) continue
      const settled = settledChange(change, before.get(text))
      if (settled.kind === 'recompute') recompute.set(text, key)
      else addChange(changed, key, settled)
    }
    return { changed, recompute }
  }

  private run({ text, values }: Statement): Promise<pg.QueryResult> {
    let name = this.names.get(text)
    if (name === undefined) {
      name = `trifold_apply_${statementNames++}`
      this.names.set(text, name)
    }
    return this.client.query({ name, text, values })
  }
}

// Recomputes are plain SQL over the application's tables: the feed's planner settings would hurt them.
const plannerDefaults = `
  select
    set_config('plan_cache_mode', 'auto', true),
    set_config('enable_seqscan', 'on', true),
    set_config('enable_hashjoin', 'on', true),
    set_config('enable_mergejoin', 'on', true),
    set_config('enable_bitmapscan', 'on', true)`

const isMissingRow = (error: unknown): boolean => (error as Error).message.includes(missingRowMark)

const freshChange = (row: Row | undefined): NetChange => (row ? { kind: 'set', row } : { kind: 'remove' })

function settledChange(change: NetChange, before: Row | undefined): NetChange {
  if (change.kind === 'patch' && before === undefined) return { kind: 'recompute' }
  if (change.kind !== 'derive') return change
  const row = rowAfter(change, before)
  return row === 'recompute' ? { kind: 'recompute' } : freshChange(row)
}
