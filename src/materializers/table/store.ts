import { dropRelation } from '../../generation/relation.ts'
import type { Store, TargetContext } from '../../materializer.ts'
import { relationReader } from '../../query/relation/reader.ts'
import { relationSettings } from '../relation-indexes.ts'
import { prepareRelation } from '../relation-prepare.ts'
import { relationSource } from '../relation-source.ts'
import { relationStatus } from '../relation-status.ts'
import { tableBuild } from './build.ts'

/** Rows in a denormalized table of PostgreSQL. */
export function tableStore(context: TargetContext): Store {
  return {
    context,
    features: { fullText: false, transactional: true, namedInSql: true },
    settings: relationSettings(context),
    prepare: () => prepareRelation(context, 'r'),
    build: (options) => tableBuild(context, options),
    drop: (client, storage) => dropRelation(client, storage),
    ...relationReader(context.pool, relationSource(context)),
    status: (pool) => relationStatus(context, { counted: false, pool }),
    close: async () => {},
  }
}
