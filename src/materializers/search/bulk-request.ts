import type { Client } from '@opensearch-project/opensearch'
import type { AnsweredItem } from './bulk-outcome.ts'

/** The status keeps every item in the answer, so that items match their documents by order. */
const querystring = {
  require_alias: 'true',
  filter_path: 'items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason',
}

/**
 * Sends one bulk request and returns its items in the order of the documents. The client does not repeat it. Where
 * `signal` is aborted the request is broken off, and the promise settles after that.
 *
 * @throws errors of the client
 */
export async function sendBulk(
  client: Client,
  index: string,
  body: Buffer,
  options: { requestTimeoutMs: number; signal: AbortSignal },
): Promise<AnsweredItem[]> {
  const timeout = `${Math.ceil(options.requestTimeoutMs / 2)}ms` // the engine gives up on a lost shard before we do
  const request = client.transport.request(
    {
      method: 'POST',
      path: `/${encodeURIComponent(index)}/_bulk`,
      querystring: { ...querystring, timeout },
      bulkBody: body,
    },
    { maxRetries: 0, requestTimeout: options.requestTimeoutMs },
  )
  const cancel = () => {
    request.abort() // returned, it would be taken for a promise whose rejection nobody handles
  }
  options.signal.addEventListener('abort', cancel)
  try {
    const answer = (await request).body as { items?: { index: AnsweredItem }[] }
    return (answer.items ?? []).map((item) => item.index)
  } finally {
    options.signal.removeEventListener('abort', cancel)
  }
}
