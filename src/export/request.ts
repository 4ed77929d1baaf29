import type { Column } from '../definition.ts'
import type { Row } from '../encoding.ts'
import type { CommitToken } from '../outbox.ts'
import { chosenColumns } from '../query/chosen.ts'
import { invalidQuery } from '../query/invalid.ts'
import { insteadOf } from '../query/nearest.ts'
import { type OrderColumn, orderOf } from '../query/order.ts'
import { partsOf, understood } from '../query/parts.ts'
import type { FullText, SortTerm, Where } from '../query/request.ts'
import { type PlannedText, textOf } from '../query/text.ts'
import { type Wait, waitOf } from '../query/wait.ts'
import { type Condition, conditionsOf, type Readable } from '../query/where.ts'
import type { Span } from '../span.ts'

/** Which rows are exported, and what of them. */
export interface ExportRequest<R = Row> {
  /** Conditions, as `find` takes them. Default: every row. */
  where?: Where<R>
  /** The columns, in this order; default all, as in the definition. */
  columns?: readonly (keyof R & string)[]
  /** Words to be found; only of an index with full text. Default: every row. */
  text?: string | FullText
  /** As of `find`. Default: whatever order is the quickest, or relevance if `text` is given. */
  sort?: SortTerm<R> | readonly SortTerm<R>[]
  /** Asks to see this commit: the export waits until the target shows it. */
  after?: CommitToken
  /** Longest wait for `after`; default 5s, at most 24h. */
  timeout?: Span
}

/** A request that was checked against the definition. */
export interface ExportPlan {
  /** All of them must hold. */
  conditions: Condition[]
  columns: readonly Column[]
  text: PlannedText | undefined
  /** Ends with the key; empty if any order will do. */
  order: readonly OrderColumn[]
  wait: Wait | undefined
}

const terms = ['where', 'columns', 'text', 'sort', 'after', 'timeout']

/**
 * Checks a request, whatever it is.
 *
 * @throws QUERY_INVALID, TOKEN_INVALID
 */
export function planExport(source: Readable, request: unknown = {}): ExportPlan {
  const { definition } = source
  return understood(() => {
    const asked = partsOf('export', request)
    for (const name of Object.keys(asked)) if (!terms.includes(name)) throw unknownTerm(name)
    if ('where' in asked && asked.where === undefined)
      throw invalidQuery('`where` is undefined; leave it out to export every row')
    const conditions = conditionsOf(source, asked.where)
    return {
      conditions,
      columns: chosenColumns(definition, asked.columns),
      text: textOf(asked.text),
      order: asked.sort === undefined ? [] : orderOf(definition, asked.sort, false, conditions).columns,
      wait: waitOf(asked.after, asked.timeout),
    }
  })
}

const unknownTerm = (name: string) =>
  name === 'limit' || name === 'cursor'
    ? invalidQuery(
        `an export takes no \`${name}\`, as it gives every row that \`where\` and \`text\` find; ask with \`find\``,
      )
    : invalidQuery(`export does not take \`${name.slice(0, 60)}\`; ${insteadOf(name, terms, 'it takes')}`)
