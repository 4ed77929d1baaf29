import type { Client } from '@opensearch-project/opensearch'
import type { SearchAddress } from 'trifold/internal/config'
import { answerOf, openSearchClient } from 'trifold/internal/opensearch/client'

/** What OpenSearch has used and written so far. */
export interface SearchUsage {
  /** Milliseconds of CPU of all its nodes. */
  cpu: number
  /** Bytes of the index now, of the segments that merges have read, and of its log. */
  stored: number
  merged: number
  log: number
}

/** Reads the figures of one index and of the nodes that hold it. Close it with `close()`. */
export class SearchMeter {
  private readonly client: Client

  constructor(address: SearchAddress) {
    this.client = openSearchClient(address)
  }

  async usage(index: string): Promise<SearchUsage> {
    const [nodes, stats] = await Promise.all([
      answerOf('asking its nodes for their CPU', this.client.nodes.stats({ metric: ['process'] })),
      answerOf(`measuring "${index}"`, this.client.indices.stats({ index, metric: ['store', 'merge', 'translog'] })),
    ])
    const processes = Object.values(nodes.nodes) as { process?: { cpu?: { total_in_millis?: number } } }[]
    const total = stats._all.total
    return {
      cpu: processes.reduce((sum, { process }) => sum + Number(process?.cpu?.total_in_millis ?? 0), 0),
      stored: Number(total?.store?.size_in_bytes ?? 0),
      merged: Number(total?.merges?.total_size_in_bytes ?? 0),
      log: Number(total?.translog?.size_in_bytes ?? 0),
    }
  }

  async close(): Promise<void> {
    await this.client.close()
  }
}
