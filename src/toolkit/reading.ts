import type pg from 'pg'
import { isTrifoldError } from '../errors.ts'
import { freshTarget, waitForToken } from '../freshness.ts'
import type { Materializer } from '../materializer.ts'
import { refusedInWords } from '../observe.ts'
import type { Find, Found } from '../query/request.ts'
import type { Suggest, Suggestions } from '../query/suggest.ts'
import type { Summarize, Summary } from '../query/summary.ts'
import { addressOf, type Checked, keyAsked, type Reader, type Restriction } from '../query.ts'
import { configuredTargets } from '../read-model/feed.ts'
import type { ReadModel } from '../read-model.ts'
import { readSwitch } from '../schema/serving.ts'
import { type Marks, readMarks } from '../schema/suspect-keys.ts'
import { targetNamed } from '../target.ts'
import { type ReadableTarget, servedBy, servedByConfiguration, stillAfterSwitch } from './served.ts'
import type { SharedLook } from './shared-look.ts'

/** Reads one read model, of whatever columns. */
export interface ModelReader {
  /** Rows of one page. */
  find(request?: Find & { from?: ReadableTarget }): Promise<Found>
  /** The same with rows in canonical form, for who writes them down. */
  findCanonical(request?: Find & { from?: ReadableTarget }): Promise<Found>
  /** Counts and sums. */
  summarize(request?: Summarize & { from?: ReadableTarget }): Promise<Summary>
  /** What somebody who is typing may want to type. */
  suggest(request: Suggest & { from?: ReadableTarget }): Promise<Suggestions>
  /** Reads what a restriction leaves, and nothing else. */
  restrict(restriction: Restriction): ModelReader
}

/** What reading needs of the toolkit. */
export interface ReadingContext {
  name: string
  model: ReadModel
  pool: pg.Pool
  /** Reads the marks of a target, whatever key is asked for, once for all requests that ask at the same time. */
  marks(target: string): SharedLook<Marks>
  /** @throws what the target cannot be opened for */
  open(target: string): Promise<Materializer>
  /** Hints that something was committed, so that it is delivered at once. */
  wake(): Promise<void>
}

/** Checks a request, as a target understands it. */
type Check<Answer> = (reader: Reader) => Checked<Answer>

/** An answer; with it, if it was asked for, the target that requests without `from` go to now. If it is another one, there is no answer. */
type Answered<Answer> = { given?: Answer; served: ReadableTarget | undefined }

/** A clock of this process is not that of the process that switches. */
const surelyStill = stillAfterSwitch / 2

/**
 * Reads one read model. Before the rows of a request a statement reads how old its answer will be at most: read after them, or
 * beside them, the age could be that of a later state. The same statement tells which target an operator has switched
 * to, where requests without `from` go: one that begins after a switch is answered by the new target, in every process.
 */
export class ModelReading implements ModelReader {
  private readonly context: ReadingContext
  private readonly restrictions: readonly Restriction[]
  private readonly canSwitch: boolean
  private served: ReadableTarget

  constructor(context: ReadingContext, restrictions: readonly Restriction[] = []) {
    this.context = context
    this.restrictions = restrictions
    this.canSwitch = configuredTargets(context.name, context.model).length > 1
    this.served = servedByConfiguration(context.model)
  }

  async find(request?: Find & { from?: ReadableTarget }): Promise<Found> {
    const { from, asked } = addressOf('find', request)
    return this.read((one) => one.checkFind(asked), asked, from)
  }

  async findCanonical(request?: Find & { from?: ReadableTarget }): Promise<Found> {
    const { from, asked } = addressOf('find', request)
    return this.read((one) => one.checkFind(asked, 'canonical'), asked, from)
  }

  async summarize(request?: Summarize & { from?: ReadableTarget }): Promise<Summary> {
    const { from, asked } = addressOf('summarize', request)
    return this.read((one) => one.checkSummarize(asked), asked, from)
  }

  async suggest(request: Suggest & { from?: ReadableTarget }): Promise<Suggestions> {
    const { from, asked } = addressOf('suggest', request)
    return this.read((one) => one.checkSuggest(asked), asked, from)
  }

  restrict(restriction: Restriction): ModelReading {
    return new ModelReading(this.context, [...this.restrictions, restriction])
  }

  private async read<Answer>(check: Check<Answer>, asked: unknown, from: ReadableTarget | undefined): Promise<Answer> {
    const looks = !from && this.canSwitch
    for (;;) {
      const target = from ?? this.served
      const asking = this.ask(check, asked, target, looks)
      const answered = await (looks ? asking.catch((error) => this.elsewhere<Answer>(error, target)) : asking)
      this.served = answered.served ?? this.served
      if (answered.given && (from ?? this.served) === target) return answered.given
    }
  }

  /** A request that its target refuses, or fails to answer, may be for another one meanwhile. */
  private async elsewhere<Answer>(error: unknown, target: ReadableTarget): Promise<Answered<Answer>> {
    if (isTrifoldError(error, 'QUERY_INVALID')) throw error
    const served = await this.nowServed().catch(() => target)
    if (served === target) throw error
    return { served }
  }

  private async nowServed(): Promise<ReadableTarget> {
    const { pool, name, model } = this.context
    return servedBy(model, await readSwitch(pool, name))
  }

  /** Nothing is waited for, and nothing asked of an engine, before the request was checked. */
  private async ask<Answer>(
    check: Check<Answer>,
    asked: unknown,
    target: ReadableTarget,
    looks: boolean,
  ): Promise<Answered<Answer>> {
    const materializer = await this.context.open(targetNamed(this.context.name, target))
    const checked = check(this.restrictions.reduce<Reader>((reader, one) => reader.restricted(one), materializer))
    return refusedInWords(this.answer(materializer, checked, asked, looks))
  }

  private async answer<Answer>(
    materializer: Materializer,
    { wait, answer }: Checked<Answer>,
    asked: unknown,
    looks: boolean,
  ): Promise<Answered<Answer>> {
    if (wait === undefined) return this.marked(materializer, answer, asked, looks)
    const options = { timeout: wait.timeout, wake: () => this.context.wake() }
    const waited = await waitForToken(this.context.pool, freshTarget(materializer), wait.token, options)
    const { given, served } = await this.marked(materializer, answer, asked, looks)
    return given ? { given: { ...given, waited }, served } : { served }
  }

  /** Some key is suspect seldom; then it matters which one is asked for. */
  private async marks(target: string, key: string | undefined): Promise<Marks> {
    const { pool, name } = this.context
    const marks = await this.context.marks(target).read()
    return marks.degraded && key !== undefined ? readMarks(pool, { target, key, readModel: name }) : marks
  }

  /** The answer with its age, marked if a suspect key may be in it. */
  private async marked<Answer>(
    materializer: Materializer,
    answer: Checked<Answer>['answer'],
    asked: unknown,
    looks: boolean,
  ): Promise<Answered<Answer>> {
    const { name, model } = this.context
    const { target, definition } = materializer.context
    const began = performance.now()
    const { degraded, switchedTo, ...age } = await this.marks(target, keyAsked(definition, asked))
    const served = looks ? servedBy(model, switchedTo) : undefined
    if (served && targetNamed(name, served) !== target) return { served }
    const given = { ...age, ...(await answer(age)), ...(degraded && { degraded }) }
    const isLate = performance.now() - began > surelyStill
    return { given, served: served && isLate ? await this.nowServed() : served }
  }
}
