import { type ErrorCode, isTrifoldError, type ReadableTarget, type TrifoldError } from 'trifold'
import type { Address } from './address.ts'
import { waits } from './input.ts'
import { Silence } from './silence.ts'

/** What the reader can do next: follow a link, or with `refresh` have the view refreshed. */
export interface Step {
  label: string
  href?: string
  refresh?: string
}

/** Why an answer is not what was asked for, and what to do about it. */
export interface Notice {
  /** `stale`: rows are shown, but not those that were asked for. `refused`: the target cannot. `down`: it does not answer. */
  kind: 'stale' | 'refused' | 'down'
  status: number
  title: string
  text: string
  steps: Step[]
  /** What Trifold said. */
  code: string
  message: string
}

/** What a notice is about. */
export interface NoticeSubject {
  target: string
  /** The targets of the read model. */
  kinds: readonly ReadableTarget[]
  address: Address
}

type Telling = Pick<Notice, 'kind' | 'status' | 'title' | 'text' | 'steps'>

const shownInstead = 'What you see below is what it shows without waiting for your change.'

/** The notice of an error that a target of a read model may well raise; undefined for every other. */
export function noticeOf(error: unknown, subject: NoticeSubject): Notice | undefined {
  if (sqlStateOf(error) === undefinedTable)
    return { ...notBuilt(subject), code: undefinedTable, message: 'no relation' }
  if (error instanceof Silence) return { ...silent(subject), code: error.name, message: error.message }
  if (!isTrifoldError(error)) return undefined
  const tell = tellings[error.code]
  return tell && { ...tell(subject, error), code: error.code, message: error.message }
}

const undefinedTable = '42P01'
const sqlStateOf = (error: unknown): string | undefined => (error as { code?: string } | null)?.code

const tellings: Partial<Record<ErrorCode, (subject: NoticeSubject, error: TrifoldError) => Telling>> = {
  WAIT_TIMEOUT: (subject, error) => ({
    kind: 'stale',
    status: 200,
    title: `${subject.target} does not show your change yet`,
    text: `${ageOf(error)} ${shownInstead}`,
    steps: [waitLonger(subject), ...refreshView(subject), ...others(subject)],
  }),
  TARGET_STOPPED: (subject) => ({
    kind: 'stale',
    status: 200,
    title: `${subject.target} has stopped before your change`,
    text: `An event failed in it, so it stands still until somebody looks after it. ${shownInstead}`,
    steps: others(subject),
  }),
  TOKEN_INVALID: tokenOfAnother,
  TOKEN_UNCOMMITTED: tokenOfAnother,
  ERA_MISMATCH: tokenOfAnother,
  QUERY_UNSUPPORTED: (subject, { details }) => ({
    kind: 'refused',
    status: 422,
    title: `${subject.target} cannot answer that`,
    text: 'Each kind of target has what the others lack. Ask one that can, or ask this one for something else.',
    steps: alternatives(subject, (details.alternatives as string[] | undefined) ?? []),
  }),
  TARGET_UNKNOWN: (subject) => ({
    kind: 'refused',
    status: 404,
    title: `There is no ${subject.target} here`,
    text: 'The shop was started without that engine.',
    steps: others(subject),
  }),
  READ_TIMEOUT: silent,
  SEARCH_UNREACHABLE: searchDown,
  SEARCH_FAILED: (subject, { details }) => (details.kind === 'index_missing' ? notBuilt(subject) : searchDown(subject)),
  CURSOR_INVALID: ({ address }) => ({
    kind: 'refused',
    status: 400,
    title: 'That page belongs to another list',
    text: 'The filters or the order have changed since its address was made.',
    steps: [{ label: 'Go to the first page', href: address.with({ cursor: undefined }) }],
  }),
}

function tokenOfAnother({ address }: NoticeSubject): Telling {
  return {
    kind: 'stale',
    status: 200,
    title: 'That commit token is of no use here',
    text: 'It is damaged, or of another database, or its transaction was rolled back. The page was read without it.',
    steps: [{ label: 'Go on without the token', href: address.with({ after: undefined }) }],
  }
}

function searchDown(subject: NoticeSubject): Telling {
  return {
    kind: 'down',
    status: 503,
    title: 'OpenSearch does not answer',
    text: 'Only its own targets are affected: what the others show is as fresh as ever, and this one catches up by itself.',
    steps: [{ label: 'Try again', href: subject.address.with() }, ...others(subject)],
  }
}

function silent(subject: NoticeSubject): Telling {
  return {
    kind: 'down',
    status: 503,
    title: `${subject.target} keeps you waiting`,
    text: 'It has been asked and says nothing: its engine hangs, or has too much to do. The others may well answer.',
    steps: [{ label: 'Try again', href: subject.address.with() }, ...others(subject)],
  }
}

function notBuilt(subject: NoticeSubject): Telling {
  return {
    kind: 'down',
    status: 503,
    title: `${subject.target} has not been built yet`,
    text: 'A running worker builds it from the definition.',
    steps: [{ label: 'Try again', href: subject.address.with() }, ...others(subject)],
  }
}

function ageOf({ details }: TrifoldError): string {
  const { behindSeconds } = details as { behindSeconds?: number }
  return behindSeconds === undefined ? '' : `The newest that it reflects is ${behindSeconds.toFixed(1)} s old.`
}

const waitLonger = ({ address }: NoticeSubject): Step => ({
  label: `Wait up to ${waits.long} s for it`,
  href: address.with({ wait: waits.long }),
})

const refreshView = ({ target }: NoticeSubject): Step[] =>
  target.endsWith('@view') ? [{ label: 'Refresh the view now', refresh: target }] : []

const others = ({ target, kinds, address }: NoticeSubject): Step[] =>
  kinds
    .filter((kind) => !target.endsWith(`@${kind}`))
    .map((kind) => ({ label: `Ask ${target.split('@')[0]}@${kind}`, href: address.with({ target: kind }) }))

const alternatives = ({ address }: NoticeSubject, targets: readonly string[]): Step[] =>
  targets.map((target) => ({ label: `Ask ${target}`, href: address.with({ target: target.split('@')[1] }) }))
