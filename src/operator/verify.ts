import type { Row } from '../encoding.ts'
import type { Materializer } from '../materializer.ts'
import { configuredTargets } from '../read-model/feed.ts'
import type { ReadModel } from '../read-model.ts'
import type { Toolkit } from '../toolkit.ts'
import { definitionPages } from './verify/definition-pages.ts'
import { Meeting } from './verify/meeting.ts'

/** How the rows of one target compare with the definition. */
export interface Verification {
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

/**
 * Compares every row of every target of a read model with the definition, in the canonical encoding. For quiet moments:
 * the definition is read now and each target as it is, so a target that lags differs. A view is as of its last refresh.
 *
 * @throws READ_MODEL_UNKNOWN; what a query of the target throws
 */
export async function verify(toolkit: Toolkit, readModel: string): Promise<Verification[]> {
  toolkit.readModel(readModel)
  const model = toolkit.config.readModels[readModel] as ReadModel
  const targets = configuredTargets(readModel, model).map(({ target }) => toolkit.target(target))
  const { definition } = (targets[0] as Materializer).context
  const sides = targets.map((target) => ({ target, meeting: new Meeting(definition), pages: rowPages(target) }))
  for await (const rows of definitionPages(toolkit.pool, definition, pageSize)) {
    for (const { meeting, pages } of sides) {
      meeting.want(rows)
      const page = await pages.next()
      if (!page.done) meeting.find(page.value)
    }
  }
  for (const { meeting, pages } of sides) for await (const rows of pages) meeting.find(rows)
  return sides.map(({ target, meeting }) => ({ target: target.context.target, ...meeting.result() }))
}

/** Whether a target holds exactly the rows of the definition. */
export const isEqual = ({ missing, surplus, different }: Verification): boolean => missing + surplus + different === 0

/** All rows of a target, page by page, as they are stored: values that JavaScript would show alike stay distinct. */
export async function* rowPages(materializer: Materializer): AsyncGenerator<Row[]> {
  for (let after: Row | undefined; ; ) {
    const rows = (await materializer.storedRows(pageSize, after)).slice(0, pageSize)
    if (rows.length > 0) yield rows
    if (rows.length < pageSize) return
    after = rows.at(-1)
  }
}
