import type { Client } from '@opensearch-project/opensearch'
import type { DocumentWrite } from './bulk-body.ts'
import type { BulkOptions, BulkSettings } from './bulk-options.ts'
import type { BulkReport } from './bulk-report.ts'
import { BulkRun } from './bulk-run.ts'
import { BulkSize } from './bulk-size.ts'

export type { DocumentWrite } from './bulk-body.ts'
export type { BulkOptions } from './bulk-options.ts'
export type { BulkReport, Refusal } from './bulk-report.ts'

/**
 * Writes documents through one write alias with strict external versions, so that repeating a write whose outcome is
 * unknown does no harm. The client's own bulk helper is not used: with a full queue it loses documents.
 */
export class BulkWriter {
  readonly #client: Client
  readonly #settings: BulkSettings
  readonly #size: BulkSize

  constructor(client: Client, options: BulkOptions) {
    this.#client = client
    this.#settings = {
      maxBytes: 5 * 1024 * 1024,
      maxCount: 5_000,
      inFlight: 2,
      maxAttempts: 10,
      backoff: { min: 100, max: 10_000 },
      requestTimeoutMs: 60_000,
      deadlineMs: 30 * 60_000,
      ...options,
    }
    this.#size = new BulkSize(this.#settings.maxBytes)
  }

  /**
   * Writes all of `items` and returns once each has a final outcome: indexed, or already there at this or a later
   * version (`conflicts`). Documents are held in memory only while they are under way.
   *
   * @throws DOCUMENT_REFUSED after all others have their outcome: the engine will never take some documents;
   * `details.refused` lists `{ id, type, reason }`
   * @throws SEARCH_FAILED with `details.kind` `index_missing` if the alias is gone; otherwise with
   * `details.withoutOutcome`, the ids of documents that may or may not be written
   * @throws the signal's reason if it is aborted, after the requests under way have ended
   */
  async write(
    items: Iterable<DocumentWrite> | AsyncIterable<DocumentWrite>,
    signal?: AbortSignal,
  ): Promise<BulkReport> {
    signal?.throwIfAborted()
    return new BulkRun(this.#client, this.#settings, this.#size, items).run(signal)
  }
}
