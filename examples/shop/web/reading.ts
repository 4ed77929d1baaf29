import type { ReadableTarget } from 'trifold'
import type { z } from 'zod'
import { Address } from './address.ts'
import type { WebContext } from './context.ts'
import { type TargetState, targetStates } from './freshness.ts'
import { type readingSchema, waits } from './input.ts'
import { type Notice, type NoticeSubject, noticeOf } from './notice.ts'
import { unlessSilent } from './silence.ts'

/** What a page asks of a read model. */
export interface Asked {
  readModel: string
  target: ReadableTarget
  after: string | undefined
  /** Seconds. */
  wait: number
  /** Whether there is a commit token, and whether it is used. */
  token: 'none' | 'used' | 'ignored'
  address: Address
}

/**
 * What the address of a page asks for.
 *
 * @param preferred where the address names no target: the first of these that is configured
 */
export function askedOf(
  web: WebContext,
  path: string,
  readModel: string,
  preferred: readonly ReadableTarget[],
  params: z.infer<typeof readingSchema>,
): Asked {
  const configured = preferred.find((kind) => web.trifold.targets.includes(`${readModel}@${kind}`)) ?? 'table'
  const { target = configured, after, wait = waits.short } = params
  const token = after === undefined ? 'none' : (params.token ?? 'used')
  const address = new Address(path, { ...params, target })
  return { readModel, target, after: token === 'used' ? after : undefined, wait, token, address }
}

/** The part of a request that says whom to ask, and how fresh the answer must be. */
export interface Fresh {
  from: ReadableTarget
  after?: string
  timeout?: `${number}s`
}

/** An answer with all that the page says about it. */
export interface Reading<Result> {
  /** `order_summary@view` */
  target: string
  kind: ReadableTarget
  /** Undefined where the target could not answer at all. */
  result: Result | undefined
  answered: boolean
  notices: Notice[]
  token: Asked['token']
  /** Whether the answer is sure to hold what the commit token stands for. */
  fresh: boolean
  /** Milliseconds that it waited for the token. */
  waited: number
  /** Milliseconds of the queries, without the wait. */
  took: number
  states: TargetState[]
}

/** The reading of a page without what was read. */
export type ReadingFacts = Omit<Reading<unknown>, 'result'>

/**
 * Asks one target. Where it does not show the commit in time, it is asked again without the token, so that the page can
 * show both: what there is, and that it is stale.
 *
 * @throws what is not a matter of this target
 */
export async function read<Result extends { waited?: number }>(
  web: WebContext,
  asked: Asked,
  ask: (fresh: Fresh) => Promise<Result>,
): Promise<Reading<Result>> {
  const before = await targetStates(web, asked.readModel)
  const target = `${asked.readModel}@${asked.target}`
  const subject = { target, kinds: before.map(({ kind }) => kind), address: asked.address }
  const started = performance.now()
  const { result, notices, fresh, waited } = await answerOf(asked, subject, ask)
  return {
    target,
    kind: asked.target,
    result,
    answered: result !== undefined,
    notices,
    token: asked.token,
    fresh: fresh && asked.token === 'used',
    waited,
    took: performance.now() - started - waited,
    states: waited > 0 ? await targetStates(web, asked.readModel) : before,
  }
}

async function answerOf<Result extends { waited?: number }>(
  { target: from, after, wait }: Asked,
  subject: NoticeSubject,
  ask: (fresh: Fresh) => Promise<Result>,
) {
  const started = performance.now()
  const freshly = after === undefined ? undefined : { after, timeout: `${wait}s` as const }
  const patience = (freshly ? wait : 0) + waits.answer
  const first = await outcomeOf(unlessSilent(ask({ from, ...freshly }), patience), subject)
  const waited = first.result?.waited ?? (first.notice?.kind === 'stale' ? performance.now() - started : 0)
  if (first.notice?.kind !== 'stale') return { ...first, waited, fresh: first.result !== undefined }
  const second = await outcomeOf(unlessSilent(ask({ from }), waits.answer), subject)
  return { result: second.result, notices: [...first.notices, ...second.notices], waited, fresh: false }
}

async function outcomeOf<Result>(asking: Promise<Result>, subject: NoticeSubject) {
  try {
    return { result: await asking, notice: undefined, notices: [] }
  } catch (error) {
    const notice = noticeOf(error, subject)
    if (!notice) throw error
    return { result: undefined, notice, notices: [notice] }
  }
}
