import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from '@opensearch-project/opensearch'
import { TrifoldError } from '../../errors.ts'
import type { EngineError } from '../../opensearch/engine-error.ts'
import { engineError, indexMissing, searchError } from '../../opensearch/search-error.ts'
import { type BulkItem, bulkBody, bytesOf, type DocumentWrite } from './bulk-body.ts'
import type { BulkSettings } from './bulk-options.ts'
import { type AnsweredItem, itemOutcome, requestOutcome } from './bulk-outcome.ts'
import { BulkQueue } from './bulk-queue.ts'
import { type BulkReport, documentRefused, givenUp, type Refusal, writeFailed } from './bulk-report.ts'
import { sendBulk } from './bulk-request.ts'
import type { BulkSize } from './bulk-size.ts'

/** One call of `BulkWriter.write`: several lanes take from one queue until every item has its outcome. */
export class BulkRun {
  readonly #client: Client
  readonly #settings: BulkSettings
  readonly #size: BulkSize
  readonly #queue: BulkQueue
  readonly #stop = new AbortController()
  readonly #refused: Refusal[] = []
  readonly #report: BulkReport = { indexed: 0, conflicts: 0, requests: 0, retried: 0, bytes: 0 }
  #failure: { error: unknown } | undefined
  #failuresInRow = 0
  #resumeAt = 0

  constructor(
    client: Client,
    settings: BulkSettings,
    size: BulkSize,
    items: Iterable<DocumentWrite> | AsyncIterable<DocumentWrite>,
  ) {
    this.#client = client
    this.#settings = settings
    this.#size = size
    this.#queue = new BulkQueue(items)
  }

  async run(signal: AbortSignal | undefined): Promise<BulkReport> {
    const onAbort = () => this.#fail(signal?.reason)
    const { deadlineMs, inFlight } = this.#settings
    const deadline = setTimeout(() => this.#fail(this.#givenUp(`${deadlineMs} ms have passed`)), deadlineMs)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      await Promise.all(Array.from({ length: inFlight }, () => this.#lane()))
    } finally {
      clearTimeout(deadline)
      signal?.removeEventListener('abort', onAbort)
      await this.#queue.close()
    }
    return this.#result()
  }

  #result(): BulkReport {
    if (this.#failure !== undefined) throw this.#failure.error
    if (this.#queue.open.size > 0) throw this.#givenUp('the queue ended early')
    if (this.#refused.length > 0) throw documentRefused(this.#settings.index, this.#refused, this.#report)
    return this.#report
  }

  /** A lane ends when the queue is empty; a lane that puts items back takes them again itself, if no other does. */
  async #lane(): Promise<void> {
    try {
      while (!this.#stop.signal.aborted) {
        await this.#pause()
        const items = await this.#queue.take(this.#size.bytes, this.#settings.maxCount)
        if (items.length === 0) return
        await this.#send(items)
      }
    } catch (error) {
      this.#fail(error)
    }
  }

  /** The first failure ends the write and the requests under way. */
  #fail(error: unknown): void {
    this.#failure ??= { error }
    this.#stop.abort()
  }

  async #pause(): Promise<void> {
    for (let rest = this.#resumeAt - performance.now(); rest > 0; rest = this.#resumeAt - performance.now()) {
      await delay(rest, undefined, { signal: this.#stop.signal })
    }
  }

  async #send(items: BulkItem[]): Promise<void> {
    const { index, requestTimeoutMs, onProgress } = this.#settings
    this.#stop.signal.throwIfAborted()
    const body = bulkBody(items)
    this.#report.requests += 1
    this.#report.bytes += body.length
    try {
      this.#settle(items, await sendBulk(this.#client, index, body, { requestTimeoutMs, signal: this.#stop.signal }))
    } catch (error) {
      if (error instanceof TrifoldError || this.#stop.signal.aborted) throw error
      await this.#afterFailedRequest(items, error)
    }
    onProgress?.(this.#report)
  }

  #settle(items: BulkItem[], answers: AnsweredItem[]): void {
    if (answers.length !== items.length) {
      this.#retry(items, `the answer has ${answers.length} items for ${items.length} documents`)
      return
    }
    const again: BulkItem[] = []
    let last: EngineError | undefined
    let overloaded = false
    for (const [at, item] of items.entries()) {
      const error = this.#settleItem(item, answers[at] as AnsweredItem)
      if (error === undefined) continue
      again.push(item)
      last = error
      overloaded ||= error.status === 429
    }
    if (last === undefined) {
      this.#succeeded()
      return
    }
    if (overloaded) this.#size.overloaded(bytesOf(items))
    this.#retry(again, `${last.type}: ${last.reason}`)
  }

  /** Returns the error of an item that has to be sent again. */
  #settleItem(item: BulkItem, answer: AnsweredItem): EngineError | undefined {
    const outcome = itemOutcome(answer)
    if (outcome.kind === 'retry') return outcome.error
    if (outcome.kind === 'index_missing') throw indexMissing(this.#settings.index, 'writing documents')
    if (outcome.kind === 'failed') throw writeFailed(this.#settings.index, item.id, outcome.error)
    this.#queue.settle(item)
    if (outcome.kind === 'indexed') this.#report.indexed += 1
    else if (outcome.kind === 'conflict') this.#report.conflicts += 1
    else this.#refused.push({ id: item.id, ...outcome.error })
    return undefined
  }

  async #afterFailedRequest(items: BulkItem[], error: unknown): Promise<void> {
    const outcome = requestOutcome(error)
    const cause = searchError(error, `writing documents to "${this.#settings.index}"`)
    if (outcome === 'index_missing') throw indexMissing(this.#settings.index, 'writing documents', error)
    if (outcome === 'failed') throw cause
    if (outcome === 'too_large') this.#size.tooLarge(bytesOf(items))
    if (outcome === 'overloaded') this.#size.overloaded(bytesOf(items))
    if (outcome === 'retry' || outcome === 'overloaded') this.#retry(items, cause.message, cause)
    else await this.#divide(items, engineError(error) as EngineError)
  }

  /** Halves find the document that spoils a request, or the size that passes. */
  async #divide(items: BulkItem[], error: EngineError): Promise<void> {
    const [only] = items
    if (items.length === 1 && only !== undefined) {
      this.#queue.settle(only)
      this.#refused.push({ id: only.id, ...error })
      return
    }
    const middle = Math.ceil(items.length / 2)
    await this.#send(items.slice(0, middle))
    await this.#send(items.slice(middle))
  }

  #succeeded(): void {
    this.#failuresInRow = 0
    this.#size.succeeded()
  }

  #retry(items: BulkItem[], reason: string, cause?: unknown): void {
    const { maxAttempts } = this.#settings
    for (const item of items) item.attempts += 1
    if (items.some((item) => item.attempts >= maxAttempts)) {
      throw this.#givenUp(`${maxAttempts} attempts failed, the last with: ${reason}`, cause)
    }
    this.#report.retried += items.length
    this.#queue.putBack(items)
    this.#backOff()
  }

  /** All lanes wait: what one met, the others meet as well, so failures during a wait do not lengthen it. */
  #backOff(): void {
    const { min, max } = this.#settings.backoff
    if (performance.now() < this.#resumeAt) return
    const wait = Math.min(max, min * 2 ** this.#failuresInRow)
    this.#failuresInRow += 1
    this.#resumeAt = performance.now() + wait * (0.5 + Math.random() / 2)
  }

  #givenUp(reason: string, cause?: unknown): TrifoldError {
    const ids = [...this.#queue.open].map((item) => item.id)
    return givenUp(this.#settings.index, ids, {
      reason,
      complete: this.#queue.exhausted,
      report: this.#report,
      cause,
    })
  }
}
