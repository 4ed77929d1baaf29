import { isDeepStrictEqual } from 'node:util'
import type { CanonicalRow } from '../consumer/fold.ts'
import { columnList, decodeRow, keyOf } from '../definition/rows.ts'
import type { Materializer } from '../materializer.ts'
import { keyText } from '../read-model/key.ts'
import type { Toolkit } from '../toolkit.ts'

/** How the rows of one target compare with the definition. */
export interface Agreement {
  target: string
  /** Rows of the definition. */
  rows: number
  /** Rows of the definition that the target lacks. */
  missing: number
  /** Rows of the target that the definition lacks. */
  surplus: number
  /** Rows of both that have different values. */
  different: number
  /** Keys of the first differences. */
  examples: string[]
}

const pageSize = 10_000
const mostExamples = 5

/**
 * Compares every row of every target of a read model with the definition, in the canonical encoding. For quiet moments:
 * the definition is read now and each target as it stands, so a target that lags differs. A view is as of its last refresh.
 *
 * @throws READ_MODEL_UNKNOWN; what a query of the target throws
 */
export async function agree(toolkit: Toolkit, readModel: string): Promise<Agreement[]> {
  toolkit.readModel(readModel)
  const targets = [...toolkit.targets.values()].filter(({ context }) => context.name === readModel)
  const expected = await definitionRows(toolkit, targets[0] as Materializer)
  const agreements: Agreement[] = []
  for (const target of targets) agreements.push(await compare(target, expected))
  return agreements
}

/** Whether a target holds exactly the rows of the definition. */
export const agrees = ({ missing, surplus, different }: Agreement): boolean => missing + surplus + different === 0

async function definitionRows(toolkit: Toolkit, { context }: Materializer): Promise<Map<string, CanonicalRow>> {
  const { definition } = context
  const { rows } = await toolkit.pool.query(
    `select ${columnList(definition)} from (\n${definition.sql}\n) as definition`,
  )
  return byKey(
    context,
    rows.map((row) => decodeRow(definition.columns, row)),
  )
}

async function compare(materializer: Materializer, expected: ReadonlyMap<string, CanonicalRow>): Promise<Agreement> {
  const { context } = materializer
  const agreement = { target: context.target, rows: expected.size, missing: 0, surplus: 0, different: 0 }
  const examples: string[] = []
  let found = 0
  for await (const rows of pagesOf(materializer)) {
    for (const [key, row] of byKey(context, rows)) {
      const wanted = expected.get(key)
      if (wanted) found += 1
      if (wanted && isDeepStrictEqual(row, wanted)) continue
      if (wanted) agreement.different += 1
      else agreement.surplus += 1
      if (examples.length < mostExamples) examples.push(key)
    }
  }
  return { ...agreement, missing: expected.size - found, examples }
}

async function* pagesOf(materializer: Materializer): AsyncGenerator<CanonicalRow[]> {
  let cursor: string | undefined
  do {
    const page = await materializer.find({ limit: pageSize, ...(cursor && { cursor }) })
    yield page.rows
    cursor = page.cursor
  } while (cursor)
}

function byKey({ definition }: Materializer['context'], rows: readonly CanonicalRow[]): Map<string, CanonicalRow> {
  return new Map(rows.map((row) => [keyText(definition.key, keyOf(definition, row)), row]))
}
