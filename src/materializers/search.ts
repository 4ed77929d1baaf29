import type { SearchAddress } from '../config.ts'
import type { EventFed, TargetContext } from '../materializer.ts'
import { openSearchClient } from '../opensearch/client.ts'
import { milliseconds } from '../span.ts'
import { SearchEvents } from './search/events.ts'
import { indexNames } from './search/index-names.ts'
import { indexStore } from './search/store.ts'

const defaultIndexRefresh = 100

/**
 * Keeps a read model in an OpenSearch index, fed by events: searchable after an index refresh that it issues itself.
 * `close` waits until what was applied can be searched.
 */
export function createSearchMaterializer(
  context: TargetContext,
  address: SearchAddress,
  indexPrefix: string,
): EventFed {
  const client = openSearchClient(address)
  const { indexRefresh = defaultIndexRefresh } = context.model.targets.search ?? {}
  const events = new SearchEvents(client, context, milliseconds(indexRefresh) ?? defaultIndexRefresh)
  let closed: Promise<void> | undefined
  return {
    ...indexStore(client, indexNames(indexPrefix, context.name), context),
    fedBy: events.fedBy,
    pace: events.pace,
    begin: (lease, database) => events.begin(lease, database),
    fence: (lease, database) => events.fence(lease, database),
    apply: (page, changes, lease, database) => events.apply(page, changes, lease, database),
    close() {
      closed ??= events.settle().then(() => client.close())
      return closed
    },
  }
}
