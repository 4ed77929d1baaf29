import type { TargetContext } from '../materializer.ts'
import { indexColumnsSql } from '../query/relation/indexes.ts'
import type { BuildSettings } from '../schema/generations.ts'
import { qualified, quoteIdent } from '../sql.ts'

/** Indexes are created with a relation. */
export const relationSettings = ({ model }: Pick<TargetContext, 'model'>): BuildSettings => ({
  indexes: model.indexes ?? [],
})

/**
 * The statements that create the declared indexes of a relation in the schema `trifold` if they are missing:
 * `<relation>_i1`, … Their columns are those that `find` orders by.
 *
 * @throws CONFIG_INVALID if a declared index cannot be read or names an unknown column
 */
export function indexStatements(context: Pick<TargetContext, 'definition' | 'model'>, relation: string): string[] {
  return (context.model.indexes ?? []).map((index, place) => {
    const name = quoteIdent(`${relation}_i${place + 1}`)
    return `create index if not exists ${name} on ${qualified('trifold', relation)} (${indexColumnsSql(context.definition, index)})`
  })
}
