import type { Row } from '../../src/encoding.ts'
import type { Materializer } from '../../src/materializer.ts'
import { rowPages } from '../../src/query/row-pages.ts'
import { inKeyOrder } from '../../src/testing/target-driver.ts'

export { inKeyOrder, TargetDriver } from '../../src/testing/target-driver.ts'

/** All rows of a target, in order of the key. */
export async function allRows(materializer: Materializer): Promise<Row[]> {
  const rows: Row[] = []
  for await (const page of rowPages(materializer)) rows.push(...page)
  return inKeyOrder(
    rows,
    materializer.context.definition.key.map((column) => column.name),
  )
}
