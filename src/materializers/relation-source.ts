import { targetName } from '../facade.ts'
import type { TargetContext } from '../materializer.ts'
import type { ReadRelation } from '../query/relation/find.ts'
import { qualified } from '../sql.ts'

/** What queries read of a table or view target: its own name, under which generations are swapped. */
export const relationSource = (context: TargetContext): ReadRelation => ({
  relation: qualified(context.schema, targetName(context.target)),
  definition: context.definition,
  target: context.target,
  fullTextTargets: context.model.targets.search?.text?.length ? [`${context.name}@search`] : [],
})
