import type pg from 'pg'
import { dropRelation } from '../../generation/drop-relation.ts'
import { dropRetired as dropRetiredOf } from '../../generation.ts'
import type { TargetContext } from '../../materializer.ts'

/** Drops every generation of the target that does not serve. Only for the holder of the target's lock. */
export const dropRetired = (client: pg.ClientBase, context: TargetContext): Promise<void> =>
  dropRetiredOf(client, context.target, (name) => dropRelation(client, 'materialized view', name))
