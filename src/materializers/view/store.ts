import { dropRelation } from '../../generation/relation.ts'
import type { Store, TargetContext } from '../../materializer.ts'
import { relationReader } from '../../query/relation/reader.ts'
import { relationSettings } from '../relation-indexes.ts'
import { prepareRelation } from '../relation-prepare.ts'
import { relationSource } from '../relation-source.ts'
import { relationStatus } from '../relation-status.ts'
import { viewBuild } from './build.ts'
import type { Closing } from './closing.ts'

/** Rows in a materialized view. */
export function viewStore(context: TargetContext, closing: Closing): Store {
  return {
    context,
    features: { fullText: false, transactional: true, namedInSql: true },
    settings: relationSettings(context),
    prepare: () => prepareRelation(context, 'm'),
    build(options) {
      const build = viewBuild(context, { ...options, signal: closing.signal(options.signal) })
      return { ...build, run: (work) => closing.track(build.run(work)) }
    },
    drop: (client, storage) => dropRelation(client, storage),
    ...relationReader(context.pool, relationSource(context)),
    status: (pool) => relationStatus(context, { counted: true, pool }),
    close: () => closing.close(`${context.target} is closed`),
  }
}
